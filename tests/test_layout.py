from __future__ import annotations

import os
import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_platform_folder_is_a_source_root_not_a_package() -> None:
    assert not list((ROOT / "platform").glob("*.py"))
    assert Path(platform.__file__).parent == Path(sysconfig.get_path("stdlib"))


def test_a_web_process_imports_no_model_library() -> None:
    libraries = {"torch", "transformers", "sentence_transformers", "xllamacpp"}
    assert _loaded_after("import llmasos.asgi, llmasos.urls") & libraries == set()


def test_the_sdk_imports_no_platform() -> None:
    assert _loaded_after("import llmasos; llmasos.Client") & {"django", "celery", "torch"} == set()


def _loaded_after(code: str) -> set[str]:
    """Run code in a process of its own; return the names of the modules that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())
