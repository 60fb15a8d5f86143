"""Start child processes that never outlive the process that started them. Standard library only."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class ChildCommand:
    """One process to start: what, where, as whom, and how it learns that its parent died."""

    arguments: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to this process's environment."""
    log: Path | None = None
    """Standard output and error are appended here; None discards them."""
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    """Sent by the kernel (Linux) when the starting thread ends without having stopped the child."""


def spawn(command: ChildCommand) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own.

    On Linux the kernel ends the child when the calling *thread* ends, so call this from a thread that lives as long
    as the child should. The launcher in between sets that up and becomes the command: no code runs between fork and
    exec in a process that may have threads.
    """
    launcher = [
        sys.executable,
        "-I",
        "-S",
        str(Path(__file__).resolve()),
        str(os.getpid()),
        str(int(command.death_signal)),
    ]
    if command.user is not None:
        # The user may not read this repository or its virtual environment, so the launcher becomes it by itself.
        launcher += ["--user", command.user]
    log = command.log
    with contextlib.ExitStack() as stack:
        output: int = subprocess.DEVNULL
        if log is not None:
            log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            stack.callback(os.close, descriptor)
            output = descriptor
        return subprocess.Popen(
            [*launcher, "--", *(str(argument) for argument in command.arguments)],
            cwd=command.folder,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output != subprocess.DEVNULL else subprocess.DEVNULL,
            start_new_session=True,
        )


def stop(
    process: subprocess.Popen[bytes], *, stop_signal: signal.Signals = signal.SIGTERM, seconds: float = 6.0
) -> bool:
    """End ``process`` and its group; after ``seconds`` without mercy. Returns whether it went by itself."""
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(stop_signal)
    try:
        process.wait(timeout=max(0.1, deadline - time.monotonic()))
        went_by_itself = True
    except subprocess.TimeoutExpired:
        went_by_itself = False
    kill_group(process)
    process.wait()
    return went_by_itself


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the process's group (its own children included)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _launch(arguments: list[str]) -> None:
    # Everything is imported first: once it is another user, the process may not be able to read the standard library.
    import ctypes
    import pwd

    parent, death_signal, rest = int(arguments[0]), int(arguments[1]), arguments[2:]
    if rest[0] == "--user":
        # Changing the user clears the parent-death signal, so it comes first.
        entry = pwd.getpwnam(rest[1])
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        os.environ.update(HOME=entry.pw_dir, USER=entry.pw_name, LOGNAME=entry.pw_name)
        rest = rest[2:]
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None, use_errno=True).prctl(set_parent_death_signal, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        # The parent died before the kernel was told.
        raise SystemExit(1)
    # Whatever a child writes (data, logs, temporary files) is for its own user alone.
    os.umask(0o077)
    command = rest[1:]
    os.execvpe(command[0], command, os.environ)


if __name__ == "__main__":
    _launch(sys.argv[1:])
