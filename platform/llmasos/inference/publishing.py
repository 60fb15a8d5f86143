"""Handing a run to the workers: one short task that carries ids and numbers, never text."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from typing import Any

from kombu.exceptions import OperationalError

from llmasos.inference import kinds
from llmasos.inference.models import Run
from llmasos.inference.valkey import UNREACHABLE, client

logger = logging.getLogger(__name__)

KEPT_SECONDS = 900
_RETRY = {"max_retries": 2, "interval_start": 0.05, "interval_step": 0.1, "interval_max": 0.2}


def device_of(engine: str) -> str:
    """The device whose queue an engine's runs go to: LLMASOS_EMBED_DEVICE and so on, else the processor."""
    return os.environ.get(f"LLMASOS_{engine.upper()}_DEVICE", "cpu")


def queue_of(engine: str) -> str:
    return f"models.{engine}.{device_of(engine)}"


def publish(run: Run) -> None:
    """Publishes an admission. Where the broker is away the run waits in its row and is published later."""
    from llmasos.inference.tasks import admit

    try:
        admit.apply_async(
            args=(str(run.pk), str(run.organisation_id)),
            kwargs=_numbers(run),
            queue=queue_of(run.engine),
            ignore_result=True,
            retry=True,
            retry_policy=_RETRY,
        )
    except (OperationalError, *UNREACHABLE):
        logger.warning("a run could not be published; its lapsed lease will publish it", extra={"run": str(run.pk)})


def announce(run: Run) -> None:
    """The same at once: engines listen themselves. Whoever misses it finds the run when its lease has lapsed."""
    try:
        announcement = announcement_of(run)
        with client().pipeline(transaction=False) as pipeline:
            pipeline.rpush(announcement.key, announcement.line)
            pipeline.expire(announcement.key, KEPT_SECONDS)
            pipeline.execute()
    except UNREACHABLE:
        logger.warning("a run could not be announced; its lapsed lease will publish it", extra={"run": str(run.pk)})


def admitted_key(engine: str) -> str:
    """The list of runs that wait for a worker of an engine on its device, and for their turn there."""
    return f"llmasos:admitted:{queue_of(engine)}"


def announced_key(engine: str) -> str:
    """The list of runs whose inputs a worker takes with them: it embeds them together."""
    return f"llmasos:announced:{queue_of(engine)}"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A line of ids and numbers on a list that an engine listens to."""

    key: str
    line: str


def announcement_of(run: Run) -> Announcement:
    """What an engine is told without Celery: what `admit` takes, as JSON."""
    line = json.dumps({"run_id": str(run.pk), "organisation_id": str(run.organisation_id), **_numbers(run)})
    return Announcement(announced_key(run.engine) if run.kind == kinds.EMBED else admitted_key(run.engine), line)


def _numbers(run: Run) -> dict[str, Any]:
    return {
        "kind": run.kind,
        "priority": run.priority,
        "size": run.size,
        "created": run.created_at.timestamp(),
        "deadline": run.deadline.timestamp(),
    }
