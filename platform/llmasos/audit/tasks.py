from __future__ import annotations

from celery import shared_task

from llmasos.audit import checkpoints, services


@shared_task(name="audit.sequence", ignore_result=True)
def sequence() -> None:
    services.sequence_all()


@shared_task(name="audit.checkpoint", ignore_result=True)
def checkpoint() -> None:
    """Run by the checkpoint process alone, which may read the key."""
    checkpoints.make_due()
    checkpoints.deliver()
