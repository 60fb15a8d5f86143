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
    hidden: Path | None = None
    """A folder that is empty for the child and its children, where the system (Linux) lets a process arrange that."""
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
    if command.hidden is not None:
        launcher += ["--hide", str(command.hidden)]
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


def can_hide() -> bool:
    """Tell whether this system lets a child be kept from a folder of this user's."""
    # The launcher, which is this file, needs no such module.
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "kept")
        kept.touch()
        look = "import os, sys; sys.exit(os.path.exists(sys.argv[1]))"
        arguments: list[str | Path] = [sys.executable, "-I", "-S", "-c", look, kept]
        return spawn(ChildCommand(arguments=arguments, folder=Path("/"), hidden=Path(folder))).wait() == 0


def _launch(arguments: list[str]) -> None:
    # Everything is imported first: once it is another user, the process may not be able to read the standard library.
    import ctypes
    import pwd

    parent, death_signal, rest = int(arguments[0]), int(arguments[1]), arguments[2:]
    account = None
    if rest[0] == "--user":
        account, rest = pwd.getpwnam(rest[1]), rest[2:]
    if rest[0] == "--hide":
        # While this is still the user that may.
        _hide(Path(rest[1]))
        rest = rest[2:]
    if account is not None:
        # Changing the user clears the parent-death signal, so it comes first.
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        os.environ.update(HOME=account.pw_dir, USER=account.pw_name, LOGNAME=account.pw_name)
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


def _hide(folder: Path) -> None:
    """Cover ``folder`` for this process and its children, in a mount namespace of their own; say so where that fails.

    Root does it and gives up for good what could undo it. Another user needs a user namespace for it, whose powers end
    with the next program: from in there it neither uncovers the folder nor looks into processes outside.
    """
    import ctypes

    new_mounts, new_user, inwards, read_only = 0x00020000, 0x10000000, 0x00084000, 0x0000000F
    drop_capability, no_new_privileges = 24, 38
    # DAC_READ_SEARCH, SETPCAP, SYS_MODULE, SYS_RAWIO, SYS_CHROOT, SYS_PTRACE, SYS_ADMIN, MKNOD, PERFMON, BPF and
    # CHECKPOINT_RESTORE (linux/capability.h).
    powers = (2, 8, 16, 17, 18, 19, 21, 27, 38, 39, 40)
    libc = ctypes.CDLL(None, use_errno=True)

    def call(result: int) -> None:
        if result:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    user, group = os.geteuid(), os.getegid()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        call(libc.unshare(new_mounts if user == 0 else new_mounts | new_user))
        if user != 0:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        call(libc.mount(b"none", b"/", None, inwards, None))
        call(libc.mount(b"none", os.fsencode(folder), b"tmpfs", read_only, b"mode=0000,size=4k"))
        for power in powers if user == 0 else ():
            libc.prctl(drop_capability, power, 0, 0, 0)
        call(libc.prctl(no_new_privileges, 1, 0, 0, 0))
    except (OSError, AttributeError) as error:
        print(f"llmasos: {folder} is not hidden from this process: {error}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    _launch(sys.argv[1:])
