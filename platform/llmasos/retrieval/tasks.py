"""Celery tasks of the knowledge: ids in, nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from celery import shared_task

WAITING = timedelta(minutes=10)


@shared_task(name="retrieval.ingest", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def ingest(organisation_id: str, document_ids: Sequence[str]) -> None:
    """Bring documents to ready or failed; the last one settles the collection."""
    from llmasos.retrieval import ingestion, settling

    organisation, documents = UUID(organisation_id), [UUID(one) for one in document_ids]
    ingestion.ingest(organisation, documents)
    settling.settle_collections_of(organisation, documents)


@shared_task(name="retrieval.take_up", ignore_result=True)
def take_up() -> None:
    """Queue again the documents whose worker was lost, and remove for good what was deleted. Called by beat."""
    from llmasos.accounts.queries import organisation_ids
    from llmasos.retrieval import services

    for organisation_id in organisation_ids():
        services.take_up_waiting(organisation_id, waiting=WAITING)
