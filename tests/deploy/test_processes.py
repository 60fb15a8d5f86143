"""What operators run is what `manage.py up` starts, argument by argument."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmasos.runtime import components
from llmasos.runtime.components import WORKERS
from tests.services import ROOT

DEPLOY = ROOT / "deploy"
PROCESSES = ("web", *WORKERS, "beat")


def expected(name: str, *, host: str, schedule: str) -> tuple[list[str], str | None]:
    """The arguments after the interpreter, and the engine, of one process of `manage.py up`."""
    if name == "web":
        component = components.web(host=host, port=8000)
    elif name == "beat":
        component = components.beat()
    else:
        component = components.worker(name)
    command = component.command()
    arguments = [str(argument) for argument in command.arguments[1:]]
    if name == "beat":
        arguments[arguments.index("--schedule") + 1] = schedule
    return arguments, (command.environment or {}).get("LLMASOS_ENGINE")


def compose_services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return services


def unit(path: Path) -> list[tuple[str, str]]:
    """The settings of a unit file, in order."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    return [(line.partition("=")[0], line.partition("=")[2]) for line in lines if "=" in line and line[0] not in "#["]


@pytest.mark.parametrize("name", PROCESSES)
def test_compose_starts_the_same_process(name: str) -> None:
    service = compose_services()[name]
    arguments, engine = expected(name, host="0.0.0.0", schedule="/data/run/beat-schedule")
    assert service["command"] == ["python", *arguments]
    assert service["environment"].get("LLMASOS_ENGINE") == engine


@pytest.mark.parametrize("name", PROCESSES)
def test_systemd_starts_the_same_process(name: str) -> None:
    settings = unit(DEPLOY / "systemd" / f"llmasos-{name}.service")
    (started,) = [value for key, value in settings if key == "ExecStart"]
    arguments, engine = expected(name, host="127.0.0.1", schedule="/var/lib/llmasos/run/beat-schedule")
    # A single % is systemd's own.
    assert [word.replace("%%", "%") for word in shlex.split(started)[1:]] == arguments
    variables = " ".join(value for key, value in settings if key == "Environment").split()
    assert dict(pair.split("=", 1) for pair in variables).get("LLMASOS_ENGINE") == engine


def test_nothing_more_is_started() -> None:
    assert set(compose_services()) == {*PROCESSES, "prepare", "postgres", "valkey"}
    units = {path.stem for path in (DEPLOY / "systemd").glob("*.service")}
    assert units == {f"llmasos-{name}" for name in (*PROCESSES, "prepare")}


def test_target_wants_every_unit() -> None:
    wanted = " ".join(value for key, value in unit(DEPLOY / "systemd" / "llmasos.target") if key == "Wants").split()
    assert set(wanted) == {path.name for path in (DEPLOY / "systemd").glob("*.service")}
