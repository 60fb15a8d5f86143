from __future__ import annotations

import subprocess
import sys

import llmasos
import llmasos.client

SERVER_SIDE = ("django", "rest_framework", "torch", "transformers", "celery", "redis", "numpy")


def loaded_after(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter that ran one statement."""
    program = f"import sys\n{statement}\nprint('\\n'.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(next(iter(llmasos.__path__)).rsplit("/", 1)[0])},
    )
    return set(done.stdout.split())


def test_using_the_sdk_loads_nothing_of_the_server() -> None:
    loaded = loaded_after("import llmasos; llmasos.Client; llmasos.AsyncClient; llmasos.RateLimitError")
    assert "httpx" in loaded
    assert loaded.isdisjoint(SERVER_SIDE)


def test_importing_the_package_alone_loads_no_http_client() -> None:
    assert "httpx" not in loaded_after("import llmasos")


def test_package_offers_every_name_of_the_client() -> None:
    assert set(llmasos.__all__) == set(llmasos.client.__all__)
    for name in llmasos.__all__:
        assert getattr(llmasos, name) is getattr(llmasos.client, name)
