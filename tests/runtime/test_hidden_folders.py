"""That the key of the log's checkpoints is out of reach for every process that `up` starts but one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from llmasos.runtime import children, components
from llmasos.runtime.children import ChildCommand

pytestmark = pytest.mark.skipif(not children.can_hide(), reason="this system lets no process hide a folder")

SYSTEM_PYTHON = shutil.which("python3", path="/usr/bin:/usr/local/bin")
# What a process that was taken over may try: the path, the processes outside, uncovering, and a namespace of its own.
_TRIES = """
import ctypes, os, pathlib, sys
key, outside = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)

def tried(name):
    for path in (key, f"/proc/{outside}/root{key}", f"/proc/{outside}/cwd{key}"):
        try:
            print(name, pathlib.Path(path).read_text())
        except OSError:
            pass

tried("as it is")
libc.umount2(os.path.dirname(key).encode(), 2)
tried("uncovered")
libc.setns(os.open(f"/proc/{outside}/ns/mnt", 0), 0) if os.access(f"/proc/{outside}/ns/mnt", os.R_OK) else None
tried("in the other's mounts")
if libc.unshare(0x10020000) == 0:
    libc.umount2(os.path.dirname(key).encode(), 2)
    tried("in a namespace of its own")
print("the end")
"""


@pytest.fixture
def key(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "key").write_text("the secret")
    return folder / "key"


def _output(command: Callable[..., ChildCommand], log: Path) -> str:
    children.spawn(command(log=log)).wait(timeout=60)
    return log.read_text()


def _tries(key: Path, *, hidden: Path | None) -> Callable[..., ChildCommand]:
    arguments = [sys.executable, "-c", _TRIES, key, str(os.getpid())]
    return lambda log: ChildCommand(arguments=arguments, folder=Path("/"), hidden=hidden, log=log)


def test_a_process_reaches_no_key_in_a_hidden_folder(key: Path, tmp_path: Path) -> None:
    assert _output(_tries(key, hidden=key.parent), tmp_path / "log") == "the end\n"


def test_without_hiding_the_same_tries_read_it(key: Path, tmp_path: Path) -> None:
    assert "as it is the secret" in _output(_tries(key, hidden=None), tmp_path / "log")


@pytest.mark.skipif(os.geteuid() != 0, reason="the first test shows it")
@pytest.mark.skipif(SYSTEM_PYTHON is None, reason="no Python that every user may run")
def test_an_ordinary_user_hides_folders_too() -> None:
    # A copy and the system's Python: this user may reach neither the sources nor the virtual environment.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(children.__file__, folder))
        copy.chmod(0o644)
        Path(folder).chmod(0o755)
        script = "import os, sys; os.setgid(65534); os.setuid(65534); import children; print(children.can_hide())"
        python = [str(SYSTEM_PYTHON), "-c", script]
        environment = {**os.environ, "PYTHONPATH": folder}
        done = subprocess.run(python, capture_output=True, text=True, cwd="/", env=environment, check=False)
    assert done.stdout == "True\n", done.stderr


def test_only_the_signing_worker_is_shown_the_key() -> None:
    shown = [name for name in components.WORKERS if components.worker(name).command().hidden is None]
    others = (components.beat(), components.web(host="127.0.0.1", port=1))
    assert shown == ["checkpoints"]
    assert all(one.command().hidden for one in others)
