"""Celery tasks: they admit and they settle, and return at once."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from llmasos.inference import expiry, worker
from llmasos.inference.engine.queue import Admission


@shared_task(name="inference.admit", ignore_result=True)
def admit(
    run_id: str,
    organisation_id: str,
    *,
    kind: str,
    priority: int,
    size: int,
    created: float,
    deadline: float,
) -> None:
    """Gives a run to this process's engine. Delivered twice, it changes nothing the second time."""
    worker.engine().admit(
        Admission(
            run_id=UUID(run_id),
            organisation_id=UUID(organisation_id),
            kind=kind,
            priority=priority,
            size=size,
            created=created,
            deadline=deadline,
        )
    )


@shared_task(name="inference.expire_runs", ignore_result=True)
def expire_runs() -> None:
    """Ends or publishes again the runs on which nobody works any more. Beat calls it each second."""
    expiry.expire_runs()
