"""Keep a set of processes running: start, watch, start again with back-off, stop in time.

Standard library only.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from llmasos.runtime import children
from llmasos.runtime.locations import ConfigurationProblem

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
# A process that ran this long before it ended did not fail at once: its back-off starts over.
_STEADY_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.1
_WATCH_EVERY_SECONDS = 0.3
# Together less than the ten seconds that a stop may take.
_WORKERS_STOP_SECONDS = 4.0
_SERVERS_STOP_SECONDS = 4.0


@dataclass
class Component:
    """One supervised process."""

    name: str
    command: Callable[[], children.ChildCommand]
    is_server: bool = False
    """Stopped after the components that use it."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_seconds: float = 0.0
    restart_at: float | None = None
    failures: int = field(default=0)


class Supervisor:
    """Runs components until :meth:`ask_to_stop` or a signal. Use it from the main thread alone."""

    def __init__(self, *, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._components: list[Component] = []
        self._asked_to_stop = threading.Event()

    @property
    def components(self) -> Sequence[Component]:
        """What is supervised, in the order of starting."""
        return tuple(self._components)

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked_to_stop.is_set()

    def listen_for_signals(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal ask for a stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def ask_to_stop(self) -> None:
        """Have :meth:`watch` return. Safe from any thread."""
        self._asked_to_stop.set()

    def start(self, component: Component) -> subprocess.Popen[bytes]:
        """Start ``component`` and keep it running from now on."""
        if component not in self._components:
            self._components.append(component)
        component.restart_at = None
        component.started_at = time.monotonic()
        try:
            component.process = children.spawn(component.command())
        except OSError as error:
            raise ConfigurationProblem(f"{component.name} cannot be started ({error.strerror or error}).") from error
        return component.process

    def watch_once(self) -> None:
        """Look at every component; start again what ended and has waited long enough."""
        now = time.monotonic()
        for component in self._components:
            if self.stopping:
                return
            if component.restart_at is not None:
                if now >= component.restart_at:
                    self._start_again(component)
                continue
            if component.process is not None and component.process.poll() is not None:
                self._plan_restart(component, now)

    def watch(self) -> None:
        """Return when a stop was asked for."""
        while not self._asked_to_stop.wait(_WATCH_EVERY_SECONDS):
            self.watch_once()

    def wait_while(self, waiting: Callable[[], bool], *, seconds: float) -> bool:
        """Watch until ``waiting`` says no; False when ``seconds`` passed or a stop was asked for."""
        deadline = time.monotonic() + seconds
        while waiting():
            if time.monotonic() > deadline or self._asked_to_stop.wait(_LOOK_EVERY_SECONDS):
                return False
            self.watch_once()
        return True

    def stop(self) -> None:
        """Stop everything within ten seconds: first those that use the servers, then the servers."""
        self._asked_to_stop.set()
        users = [component for component in self._components if not component.is_server]
        servers = [component for component in self._components if component.is_server]
        _stop_together(users, seconds=_WORKERS_STOP_SECONDS)
        _stop_together(servers, seconds=_SERVERS_STOP_SECONDS)

    def _on_signal(self, number: int, _frame: object) -> None:
        self._asked_to_stop.set()

    def _plan_restart(self, component: Component, now: float) -> None:
        process = component.process
        if process is None:
            return
        # What the process itself started must not live on beside its successor.
        children.kill_group(process)
        if now - component.started_at > _STEADY_SECONDS:
            component.pause_seconds = 0.0
        component.failures += 1
        component.pause_seconds = min(component.pause_seconds * 2 or _FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)
        component.restart_at = now + component.pause_seconds
        log = component.command().log
        self._tell(
            f"{component.name} {how_it_ended(process.returncode)}; starting it again in "
            f"{component.pause_seconds:.0f} s{_see(log)}"
        )

    def _start_again(self, component: Component) -> None:
        try:
            self.start(component)
        except ConfigurationProblem as problem:
            component.pause_seconds = min(component.pause_seconds * 2 or _FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)
            component.restart_at = time.monotonic() + component.pause_seconds
            self._tell(f"{problem} Trying again in {component.pause_seconds:.0f} s.")
            return
        self._tell(f"{component.name} started again")


def how_it_ended(returncode: int) -> str:
    """Say in words what an exit status means."""
    if returncode < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-returncode).name}"
    return f"ended with status {returncode}"


def _see(log: Path | None) -> str:
    return f" (log: {log})" if log is not None else ""


def _stop_together(components: Sequence[Component], *, seconds: float) -> None:
    running = [(item, item.process) for item in reversed(components) if item.process is not None]
    for component, process in running:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(component.command().stop_signal)
    deadline = time.monotonic() + seconds
    for _, process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
    for _, process in running:
        children.kill_group(process)
        process.wait()
