"""Celery tasks of imports: ids in, nothing out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task

LOST_AFTER = timedelta(minutes=5)


@shared_task(name="clinical.fhir_import", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def fhir_import(organisation_id: str, import_id: str) -> None:
    """Import files that somebody has looked at."""
    from clinical_assist.fhir import jobs

    jobs.work(UUID(organisation_id), UUID(import_id))


@shared_task(name="clinical.take_up", ignore_result=True)
def take_up() -> None:
    """Queue again the imports whose worker was lost, and delete files that nobody has confirmed. Called by beat."""
    from clinical_assist.fhir import jobs
    from llmasos.accounts.queries import organisation_ids

    for organisation_id in organisation_ids():
        jobs.take_up_lost(organisation_id, lost_after=LOST_AFTER)
