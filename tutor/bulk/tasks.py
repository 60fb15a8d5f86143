"""Celery tasks of acts on many rows: ids in, nothing out."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(name="tutor.bulk_act", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def bulk_act(organisation_id: str, act_id: str) -> None:
    """Bring an act on many rows to its end."""
    from tutor.bulk import acts

    acts.work(UUID(organisation_id), UUID(act_id))
