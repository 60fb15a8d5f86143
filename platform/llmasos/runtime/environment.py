"""The virtual environment: made on first use from hash-locked packages. Standard library only."""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from llmasos.runtime import locations
from llmasos.runtime.locations import ConfigurationProblem

FOLDER = ".venv"
LOCK, CUDA_LOCK, DEVELOPMENT_LOCK = "requirements.lock", "requirements-cuda.lock", "requirements-dev.lock"
_STAMP = "llmasos-installed.json"
_GIBIBYTE = 1024**3
# Downloaded and unpacked, with room for the wheels in between.
_ROOM_BYTES = {LOCK: 3 * _GIBIBYTE, CUDA_LOCK: 12 * _GIBIBYTE, DEVELOPMENT_LOCK: _GIBIBYTE // 2}
_NETWORK_SIGNS = (
    "NewConnectionError",
    "Temporary failure in name resolution",
    "ConnectTimeout",
    "ReadTimeout",
    "Connection refused",
    "Network is unreachable",
    "ProxyError",
    "Could not fetch URL",
    "No matching distribution found",
)


def folder() -> Path:
    """Return the virtual environment's folder."""
    return locations.repository_root() / FOLDER


def python() -> Path:
    """Return the virtual environment's interpreter."""
    return folder() / "bin" / "python"


def is_inside() -> bool:
    """Say whether this interpreter has the dependencies: it is the environment's, or the surroundings bring them.

    ``LLMASOS_PYTHON=system`` (containers) takes the running interpreter as it is.
    """
    if os.environ.get("LLMASOS_PYTHON") == "system":
        return True
    return Path(sys.prefix).resolve() == folder().resolve() and _covers(_installed(), development=False)


def reenter(arguments: Sequence[str]) -> None:
    """Become the virtual environment's interpreter with the same arguments. Does not return."""
    if Path(sys.prefix).resolve() == folder().resolve():
        return
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(python(), [str(python()), *arguments])


def ensure(*, development: bool) -> None:
    """Make the environment and install what is locked, where that has not been done.

    Raises:
        ConfigurationProblem: something is missing; the message says which command installs it.
    """
    if _works() and _covers(_installed(), development=development):
        return
    _require_venv_module()
    if not _works():
        _make()
    chosen = _choose_lock()
    _install([chosen, DEVELOPMENT_LOCK] if development else [chosen])
    _make_importable()
    stamp: dict[str, object] = {"locks": _wanted(), "main": chosen, "python": _version()}
    if development:
        stamp["development"] = _digest(DEVELOPMENT_LOCK)
    (folder() / _STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """`manage.py setup [--dev]`: make the environment and nothing else."""
    parser = argparse.ArgumentParser(prog="manage.py setup", description="Make .venv and install the locked packages.")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--json", action="store_true", help="print one JSON object when done")
    options = parser.parse_args(arguments)
    ensure(development=options.dev)
    if options.json:
        print(json.dumps({**_installed(), "python": str(python())}))
    return 0


def installed_lock() -> str:
    """Return the name of the lock that the environment was installed from, or ""."""
    return str(_installed().get("main", ""))


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _digest(name: str) -> str:
    return hashlib.sha256((locations.repository_root() / name).read_bytes()).hexdigest()


def _wanted() -> dict[str, str]:
    return {name: _digest(name) for name in (LOCK, CUDA_LOCK)}


def _installed() -> dict[str, object]:
    try:
        stamp = json.loads((folder() / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _covers(stamp: dict[str, object], *, development: bool) -> bool:
    if stamp.get("locks") != _wanted():
        return False
    return not development or stamp.get("development") == _digest(DEVELOPMENT_LOCK)


def _works() -> bool:
    if not python().exists():
        return False
    # An interpreter that was upgraded or removed leaves a link to nothing or to another version.
    result = subprocess.run(
        [python(), "-c", "import sys, pip; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode == 0 and result.stdout.strip() == _version()


def _require_venv_module() -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise ConfigurationProblem(
            "Python's venv module is missing: install it with `sudo apt-get install "
            f"python{_version()}-venv` and start again."
        )


def _make() -> None:
    _say(f"making {FOLDER} with Python {_version()}")
    target = folder()
    try:
        if target.is_symlink() or target.is_file():
            raise ConfigurationProblem(f"{target} is not a folder: remove it and start again.")
        result = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(target)], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise ConfigurationProblem(f"{target} cannot be made ({error.strerror}).") from error
    if result.returncode != 0:
        text = result.stdout + result.stderr
        shutil.rmtree(target, ignore_errors=True)
        if "ensurepip is not" in text or "python3-venv" in text or "-venv package" in text:
            raise ConfigurationProblem(
                "Python's venv module is missing: install it with `sudo apt-get install "
                f"python{_version()}-venv` and start again."
            )
        raise ConfigurationProblem(_explain(text, what=f"{target} cannot be made"))


def _choose_lock() -> str:
    """Return the lock with PyTorch's CPU build where it can be had, else the one with the CUDA build."""
    configured = os.environ.get("LLMASOS_TORCH", "")
    if configured not in {"", "cpu", "cuda"}:
        raise ConfigurationProblem(f"LLMASOS_TORCH is {configured!r}: give cpu, cuda, or nothing.")
    if configured:
        return LOCK if configured == "cpu" else CUDA_LOCK
    # On macOS the ordinary build is the CPU one.
    if sys.platform != "linux" or _cpu_build_is_offered():
        return LOCK
    _say(
        "the package index offers no CPU build of PyTorch that is in requirements.lock, so the CUDA build is taken: "
        "about 3 GB to download (LLMASOS_TORCH=cpu insists on the CPU build)"
    )
    return CUDA_LOCK


def _cpu_build_is_offered() -> bool:
    text = (locations.repository_root() / LOCK).read_text(encoding="utf-8")
    found = re.search(r"^torch==(\S+)((?:.*\\\n)*.*)$", text, re.MULTILINE)
    if found is None:
        return False
    # The local version by name: an index without it says no at once instead of offering the CUDA build.
    command = [
        *(str(python()), "-m", "pip", "install", "--dry-run", "--no-deps", "--ignore-installed", "--quiet"),
        *("--only-binary", ":all:", "--disable-pip-version-check", "--report", "-", f"torch=={found[1]}+cpu"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        return False
    try:
        archive = json.loads(result.stdout)["install"][0]["download_info"]["archive_info"]
        digest = str(archive["hashes"]["sha256"])
    except (ValueError, KeyError, IndexError):
        return False
    return f"sha256:{digest}" in found[2]


def _install(locks: Sequence[str]) -> None:
    root = locations.repository_root()
    total = sum(
        len(re.findall(r"^[A-Za-z0-9][^=\n]*==", (root / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in locks
    )
    free = shutil.disk_usage(root).free
    needed = 0 if (folder() / _STAMP).exists() else _ROOM_BYTES[locks[-1]]
    if free < needed:
        raise ConfigurationProblem(
            f"The disk that holds {root} has {free / _GIBIBYTE:.1f} GiB left and the packages need "
            f"{needed / _GIBIBYTE:.1f}: make room and start again."
        )
    _say(f"installing {total} locked packages from {locks[-1]}")
    command: list[str] = [
        str(python()),
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--disable-pip-version-check",
    ]
    command += ["--no-input", "--progress-bar", "off"]
    for lock in locks:
        command += ["-r", str(root / lock)]
    # Settings of this machine's pip that pin other versions do not apply: the lock decides, by hashes.
    environment = {**os.environ, "PIP_CONSTRAINT": os.devnull}
    log = locations.log_folder() / "setup.log"
    locations.make_private_folder(log.parent)
    progress = _Progress(total)
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=root
        )
        for line in process.stdout or ():
            file.write(line)
            progress.see(line)
        progress.close()
    if process.wait() != 0:
        raise ConfigurationProblem(
            _explain(log.read_text(encoding="utf-8"), what=f"The packages cannot be installed (log: {log})")
        )


def _make_importable() -> None:
    """Let the environment's interpreter import the platform and its applications, and give it their commands."""
    root = locations.repository_root()
    packages = next((folder() / "lib").glob("python3.*/site-packages"))
    (packages / "llmasos-checkout.pth").write_text(f"{root}\n{root / 'platform'}\n", encoding="utf-8")
    verifier = root / "platform" / "llmasos" / "audit" / "standalone" / "llmasos_verify.py"
    for name, arguments in (("llmasos", "-m llmasos"), ("llmasos-verify", _quoted(verifier))):
        script = folder() / "bin" / name
        # Through the shell, as an interpreter line may neither hold spaces nor be long.
        script.write_text(f'#!/bin/sh\nexec {_quoted(python())} {arguments} "$@"\n', encoding="utf-8")
        script.chmod(0o755)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"


def _explain(text: str, *, what: str) -> str:
    if "No space left on device" in text:
        return f"{what}: the disk is full. Make room and start again."
    if "DO NOT MATCH THE HASHES" in text:
        return f"{what}: a downloaded package is not the locked one. Run `pip cache purge` and start again."
    if any(sign in text for sign in _NETWORK_SIGNS):
        return (
            f"{what}: the package index cannot be reached or lacks a package. Check the "
            "network and pip's index settings, then start again."
        )
    if "Permission denied" in text:
        return f"{what}: a folder is not writable. Run as the user that owns {locations.repository_root()}."
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f"{what}: {lines[-1] if lines else 'no message'}"


def _say(text: str) -> None:
    print(f"set-up: {text}", file=sys.stderr, flush=True)


class _Progress:
    """One line that counts packages: rewritten on a terminal, now and then elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._seen = 0
        self._text = ""
        self._terminal = sys.stderr.isatty()
        self._lock = threading.Lock()

    def see(self, line: str) -> None:
        """Take one line of pip's output."""
        text = line.strip()
        if text.startswith(("Collecting ", "Requirement already satisfied: ")):
            self._seen += 1
            name = re.split(r"[=<>\s;(\[]", text.split(": ")[-1].removeprefix("Collecting "), maxsplit=1)[0]
            self._show(f"{min(self._seen, self._total)}/{self._total} {name}", always=self._seen % 20 == 0)
        elif text.startswith("Downloading ") and " MB" in text:
            self._show(
                f"{min(self._seen, self._total)}/{self._total} downloading "
                f"{text.rsplit('/', 1)[-1].removeprefix('Downloading ')}",
                always=True,
            )
        elif text.startswith("Installing collected packages"):
            self._show("unpacking (the longest step)", always=True)

    def close(self) -> None:
        """End the line."""
        if self._terminal:
            print(file=sys.stderr, flush=True)

    def _show(self, text: str, *, always: bool) -> None:
        if self._terminal:
            width = max(20, shutil.get_terminal_size().columns - 10)
            print(f"\r\033[Kset-up: {text[:width]}", end="", file=sys.stderr, flush=True)
        elif always:
            _say(text)
