from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmasos.runtime import children
from llmasos.runtime.children import ChildCommand
from llmasos.runtime.components import python_environment
from llmasos.runtime.supervisor import Component, Supervisor, how_it_ended

LONG_SECONDS = 180.0


def until(condition: Callable[[], bool]) -> None:
    """Wait for ``condition``; the limit only ends a test that would hang."""
    deadline = time.monotonic() + LONG_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that ended and waits to be collected no longer runs.
    with contextlib.suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    return True


def sleeper(folder: Path, name: str = "sleeper", script: str = "import time; time.sleep(600)") -> Component:
    return Component(
        name=name,
        command=lambda: ChildCommand(
            arguments=[sys.executable, "-c", script], folder=folder, log=folder / f"{name}.log"
        ),
    )


class Runner:
    """A supervisor with what it told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.supervisor = Supervisor(tell=self.told.append)

    def watch_until(self, condition: Callable[[], bool]) -> None:
        assert self.supervisor.wait_while(lambda: not condition(), seconds=LONG_SECONDS)


@pytest.fixture
def runner() -> Iterator[Runner]:
    found = Runner()
    yield found
    found.supervisor.stop()


def test_a_killed_child_is_started_again_and_shown(runner: Runner, tmp_path: Path) -> None:
    component = sleeper(tmp_path)
    first = runner.supervisor.start(component)
    os.kill(first.pid, signal.SIGKILL)
    runner.watch_until(lambda: "sleeper started again" in runner.told)
    assert component.process is not None
    assert component.process.pid != first.pid
    assert is_alive(component.process.pid)
    assert "was ended by SIGKILL; starting it again in 1 s" in runner.told[0]


def test_a_child_that_keeps_failing_is_started_ever_more_rarely(runner: Runner, tmp_path: Path) -> None:
    component = sleeper(tmp_path, script="raise SystemExit(3)")
    runner.supervisor.start(component)
    runner.watch_until(lambda: component.failures == 2)
    assert component.pause_seconds == 2.0
    assert "ended with status 3" in runner.told[0]


def test_a_stop_ends_children_and_what_they_started(runner: Runner, tmp_path: Path) -> None:
    pid_file = tmp_path / "grandchild"
    script = textwrap.dedent(f"""
        import pathlib, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        pathlib.Path({str(pid_file)!r}).write_text(str(child.pid))
        time.sleep(600)
    """)
    component = sleeper(tmp_path, script=script)
    process = runner.supervisor.start(component)
    until(lambda: pid_file.exists() and pid_file.read_text() != "")
    runner.supervisor.stop()
    assert not is_alive(process.pid)
    until(lambda: not is_alive(int(pid_file.read_text())))


def test_a_child_that_ignores_the_request_is_ended_all_the_same(runner: Runner, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    script = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(600)"
    )
    process = runner.supervisor.start(sleeper(tmp_path, script=script))
    until(ready.exists)
    runner.supervisor.stop()
    assert process.returncode == -signal.SIGKILL


def test_servers_outlive_those_that_use_them(runner: Runner, tmp_path: Path) -> None:
    order = tmp_path / "order"
    script = textwrap.dedent("""
        import pathlib, signal, sys, time
        def leave(*_):
            with open({order!r}, "a") as file:
                file.write({name!r} + " ")
            sys.exit(0)
        signal.signal(signal.SIGTERM, leave)
        pathlib.Path({ready!r}).touch()
        time.sleep(600)
    """)
    for name, is_server in (("server", True), ("user", False)):
        component = sleeper(
            tmp_path, name, script.format(order=str(order), name=name, ready=str(tmp_path / f"{name}.ready"))
        )
        component.is_server = is_server
        runner.supervisor.start(component)
        until((tmp_path / f"{name}.ready").exists)
    runner.supervisor.stop()
    assert order.read_text().split() == ["user", "server"]


# Only Linux tells a child that its parent was killed.
ENDS = [signal.SIGTERM, signal.SIGINT, *([signal.SIGKILL] if sys.platform == "linux" else [])]


@pytest.mark.parametrize("number", ENDS)
def test_no_child_outlives_a_supervisor_that_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    pids = tmp_path / "pids"
    script = textwrap.dedent(f"""
        import pathlib, sys
        from llmasos.runtime.children import ChildCommand
        from llmasos.runtime.supervisor import Component, Supervisor
        supervisor = Supervisor(tell=print)
        supervisor.listen_for_signals()
        folder = pathlib.Path({str(tmp_path)!r})
        command = ChildCommand(arguments=[sys.executable, "-c", "import time; time.sleep(600)"], folder=folder)
        found = [supervisor.start(Component(name=str(n), command=lambda: command)).pid for n in range(3)]
        pathlib.Path({str(pids)!r}).write_text(" ".join(map(str, found)) + " .")
        supervisor.watch()
        supervisor.stop()
    """)
    with subprocess.Popen([sys.executable, "-c", script], env={**os.environ, **python_environment()}) as process:
        until(lambda: pids.exists() and pids.read_text().endswith("."))
        found = [int(pid) for pid in pids.read_text().split()[:-1]]
        assert all(is_alive(pid) for pid in found)
        process.send_signal(number)
        process.wait(LONG_SECONDS)
    until(lambda: not any(is_alive(pid) for pid in found))


def test_a_program_that_is_missing_leaves_its_reason_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = children.spawn(ChildCommand(arguments=[tmp_path / "absent"], folder=tmp_path, log=log))
    assert process.wait() != 0
    assert "absent" in log.read_text()


def test_ends_are_told_in_words() -> None:
    assert how_it_ended(-9) == "was ended by SIGKILL"
    assert how_it_ended(2) == "ended with status 2"
