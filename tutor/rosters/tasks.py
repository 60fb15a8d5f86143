"""Celery tasks of roster files: ids in, nothing out."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(name="tutor.roster_import", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def roster_import(organisation_id: str, import_id: str) -> None:
    """Check uploaded roster files, or apply them."""
    from tutor.rosters import imports

    imports.work(UUID(organisation_id), UUID(import_id))
