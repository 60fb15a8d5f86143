from __future__ import annotations

import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_platform_folder_is_a_source_root_not_a_package() -> None:
    assert not list((ROOT / "platform").glob("*.py"))
    assert Path(platform.__file__).parent == Path(sysconfig.get_path("stdlib"))


@pytest.mark.parametrize("module", ["torch", "transformers", "sentence_transformers", "xllamacpp"])
def test_a_web_process_imports_no_model_library(module: str) -> None:
    code = f"import sys, llmasos.asgi, llmasos.urls; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, env=_environment()).returncode == 0


@pytest.mark.parametrize("module", ["django", "celery", "torch"])
def test_the_sdk_imports_no_platform(module: str) -> None:
    code = f"import sys, llmasos; llmasos.Client; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, env=_environment()).returncode == 0


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT / "platform") + os.pathsep + str(ROOT)}
