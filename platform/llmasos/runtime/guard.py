"""What is checked before anything starts: nobody else runs on the data, the port is free, the disk has room."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from llmasos.runtime import locations
from llmasos.runtime.locations import ConfigurationProblem

_LEAST_ROOM_BYTES = 500 * 1024 * 1024


@dataclass(frozen=True)
class Running:
    """The `up` that holds a data folder."""

    process_id: int
    url: str


class DataLock:
    """Held by the one `up` that runs on a data folder; the kernel frees it however that process ends."""

    def __init__(self, var: Path) -> None:
        self._path = locations.run_folder(var) / "up.lock"
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            ConfigurationProblem: another `up` has it, or the folder cannot be written.
        """
        try:
            locations.make_private_folder(self._path.parent)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigurationProblem(explain_os_error(error, self._path.parent.parent)) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            self._descriptor = None
            other = _read(self._path)
            where = f" (process {other.process_id}, {other.url})" if other else ""
            stop = f"`kill {other.process_id}`" if other else "Ctrl-C where it runs"
            raise ConfigurationProblem(
                f"LLMasOS already runs on {self._path.parent.parent}{where}: stop it with {stop}, "
                "or set LLMASOS_VAR to another folder."
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def announce(self, url: str) -> None:
        """Note for others which process this is and where it answers."""
        if self._descriptor is None:
            raise ConfigurationProblem("The lock on the data folder is not held.")
        text = json.dumps({"process": os.getpid(), "url": url}).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)


def running(var: Path | None = None) -> Running | None:
    """Return the `up` that holds the data folder now, or None."""
    path = locations.run_folder(var) / "up.lock"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _read(path)
    finally:
        os.close(descriptor)
    return None


def _read(path: Path) -> Running | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Running(process_id=int(content["process"]), url=str(content["url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def restore_mark(var: Path) -> Path:
    """Return the file that is there while a restore is unfinished."""
    return locations.run_folder(var) / "restoring"


def require_finished_restore(var: Path) -> None:
    """Raise ConfigurationProblem while a restore is unfinished: people erased since the backup may be back."""
    if restore_mark(var).exists():
        raise ConfigurationProblem(
            f"A restore into {var} was not finished: run `manage.py restore` again, with --replace. If it ended with "
            f"faults of the log that you accept, remove {restore_mark(var)}."
        )


def require_free_port(host: str, port: int) -> None:
    """Raise ConfigurationProblem unless ``port`` can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            # Some systems let two sockets bind that have not begun to listen.
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                text = (
                    f"Port {port} is in use: stop the program that has it, or choose "
                    f"another with `up --port {port + 1}`."
                )
            elif error.errno == errno.EACCES:
                text = f"Port {port} is reserved for root: choose one above 1023, for example `up --port 8000`."
            else:
                text = f"{host}:{port} cannot be listened on ({error.strerror})."
            raise ConfigurationProblem(text) from error


def require_room(var: Path) -> None:
    """Raise ConfigurationProblem when the disk is (nearly) full."""
    free = shutil.disk_usage(var).free
    if free < _LEAST_ROOM_BYTES:
        raise ConfigurationProblem(
            f"The disk that holds {var} has {free // 1024**2} MiB left: make room (500 MiB "
            "at least), or set LLMASOS_VAR to another disk."
        )


def explain_os_error(error: OSError, folder: Path) -> str:
    """Return one sentence on why ``folder`` cannot be used, with the way out."""
    if error.errno == errno.ENOSPC:
        return f"The disk that holds {folder} is full: make room, or set LLMASOS_VAR to another disk."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return (
            f"{folder} is not writable: give it to the user that runs this command, "
            "or set LLMASOS_VAR to another folder."
        )
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return f"{folder} or a folder in it is a file: remove it, or set LLMASOS_VAR to another folder."
    return f"{folder} cannot be used ({error.strerror}): check it, or set LLMASOS_VAR to another folder."
