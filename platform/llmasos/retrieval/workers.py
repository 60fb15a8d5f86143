"""Whether somebody is there to do the work that an import queues."""

from __future__ import annotations

from celery import current_app

from llmasos.inference import queries as inference
from llmasos.retrieval.errors import WorkersMissingError

PING_SECONDS = 1.0
TRIES = 3


def require_workers() -> None:
    """Raise ``WorkersMissingError`` unless a models worker embeds and a worker takes the queue ``jobs``."""
    if not any(state.alive and state.engine in {"embed", "echo"} for state in inference.engines()):
        raise WorkersMissingError("No worker that embeds text is running: start the platform with `make up` first.")
    inspector = current_app.control.inspect(timeout=PING_SECONDS)
    for _ in range(TRIES):
        # A busy worker may answer late.
        answers = inspector.active_queues() or {}
        if any(queue["name"] == "jobs" for queues in answers.values() for queue in queues):
            return
    raise WorkersMissingError("No worker takes the queue `jobs`: start the platform with `make up` first.")
