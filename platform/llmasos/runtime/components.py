"""The processes of one machine: which there are and how each is started."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from llmasos.runtime import locations
from llmasos.runtime.children import ChildCommand
from llmasos.runtime.supervisor import Component

# How a line of `manage.py prepare` begins that `up` passes on while it waits.
PROGRESS = "update: "
# The one process that may read the key of the log's checkpoints.
SIGNING_WORKER = "checkpoints"


def models_queue(engine: str) -> str:
    """Return the queue of an engine's runs, named after its device (LLMASOS_EMBED_DEVICE and so on, else cpu)."""
    return f"models.{engine}.{os.environ.get(f'LLMASOS_{engine.upper()}_DEVICE', 'cpu')}"


# Each worker with the queues that it reads; readiness sends a task through every one of these.
WORKERS: Mapping[str, tuple[str, ...]] = {
    "models-embed": (models_queue("embed"),),
    "models-generate": (models_queue("generate"),),
    # Of its own, so that long jobs never hold up the log's sequence or the end of lapsed runs.
    "control": ("control",),
    "jobs": ("jobs",),
    SIGNING_WORKER: ("checkpoints",),
}
QUEUES = tuple(queue for queues in WORKERS.values() for queue in queues)
# Their tasks may take minutes, so that every thread can be busy in a healthy worker.
LONG_QUEUES = frozenset({"jobs"})
_ENGINES = {"models-embed": "embed", "models-generate": "generate"}
# Tasks only admit work in the models workers; in the others they do it.
_THREADS = {"models-embed": 4, "models-generate": 4, "control": 2, "jobs": 3, "checkpoints": 2}


def python_environment(**added: str) -> dict[str, str]:
    """Return what every Python child gets: the sources' folders, the settings, the data folder."""
    root = locations.repository_root()
    paths = [str(root), str(root / "platform"), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    return {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "DJANGO_SETTINGS_MODULE": "llmasos.settings",
        "LLMASOS_VAR": str(locations.var_folder()),
        "PYTHONUNBUFFERED": "1",
        **added,
    }


def _python(name: str, *arguments: str, **environment: str) -> Component:
    def command() -> ChildCommand:
        return ChildCommand(
            arguments=[sys.executable, *arguments],
            folder=locations.repository_root(),
            environment=python_environment(**environment),
            log=locations.log_folder() / f"{name}.log",
            hidden=None if name == SIGNING_WORKER else locations.checkpoint_key_folder(),
        )

    return Component(name=name, command=command)


def worker(name: str) -> Component:
    """Return the Celery worker ``name``, one of :data:`WORKERS`."""
    environment = {"LLMASOS_ENGINE": _ENGINES[name]} if name in _ENGINES else {}
    return _python(
        name,
        *("-m", "celery", "--app", "llmasos", "--quiet", "worker", "--pool", "threads"),
        *("--concurrency", str(_THREADS[name]), "--queues", ",".join(WORKERS[name]), "--hostname", f"{name}@%h"),
        # Nobody listens to what workers would tell each other each two seconds.
        *("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"),
        **environment,
    )


def beat() -> Component:
    """Return the clock that hands out periodic tasks."""
    schedule = locations.run_folder() / "beat-schedule"
    return _python(
        "beat",
        *("-m", "celery", "--app", "llmasos", "--quiet", "beat", "--schedule", str(schedule), "--pidfile", ""),
        *("--loglevel", "WARNING"),
    )


def web(*, host: str, port: int) -> Component:
    """Return the web process."""
    return _python(
        "web",
        *("-m", "uvicorn", "llmasos.asgi:application", "--host", host, "--port", str(port)),
        *("--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "2"),
    )


def once(name: str, *arguments: str) -> ChildCommand:
    """Return the command line of a `manage.py` command that runs to its end."""
    return ChildCommand(
        arguments=[sys.executable, locations.repository_root() / "manage.py", *arguments],
        folder=locations.repository_root(),
        environment=python_environment(),
        hidden=locations.checkpoint_key_folder(),
        log=locations.log_folder() / f"{name}.log",
    )


def sources_digest_inputs() -> list[Path]:
    """Return the files whose change makes preparation (migrations, static files) necessary before workers start."""
    root = locations.repository_root()
    folders = [root / "platform", *(child.parent for child in root.glob("*/apps.py"))]
    wanted = {".py", ".html", ".css", ".js", ".svg", ".mo", ".json", ".sql"}
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in wanted)
