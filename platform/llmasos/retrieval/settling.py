"""What an import ends with: old deletions are removed, and the collection's fusion weight is fitted."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from llmasos.accounts.tenancy import acting_in
from llmasos.inference.errors import InferenceError
from llmasos.retrieval import fusion, services
from llmasos.retrieval.models import WORKING_STATES, Collection, Document, DocumentState

logger = logging.getLogger(__name__)


def settle_collections_of(organisation_id: UUID, document_ids: Sequence[UUID]) -> None:
    """Settle the collections of these documents that have no document left at work."""
    with acting_in(organisation_id):
        ids = list(
            Document.objects.for_organisation(organisation_id)
            .filter(pk__in=document_ids)
            .values_list("collection_id", flat=True)
            .distinct()
        )
    for collection_id in ids:
        settle(organisation_id, collection_id)


def settle(organisation_id: UUID, collection_id: UUID) -> bool:
    """Fit the collection unless documents are at work or nothing changed since; return whether it was fitted."""
    services.purge(organisation_id, collection_id=collection_id)
    with acting_in(organisation_id):
        state = _state_of(organisation_id, collection_id)
        if state is None or not _claim(organisation_id, collection_id, state):
            return False
    try:
        fusion.fit_collection(organisation_id, collection_id)
    except InferenceError:
        logger.warning("a collection's weights were not fitted", extra={"collection": str(collection_id)})
        with acting_in(organisation_id):
            _write(organisation_id, collection_id, fitted_on="")
        return False
    with acting_in(organisation_id):
        _write(organisation_id, collection_id, settled_on=state)
    return True


def is_settled(organisation_id: UUID, collection_id: UUID) -> bool:
    """Whether the weights belong to what the collection holds now."""
    with acting_in(organisation_id):
        collection = Collection.objects.for_organisation(organisation_id).filter(pk=collection_id).first()
        return collection is None or collection.settings.get("settled_on") == _state_of(organisation_id, collection_id)


def _state_of(organisation_id: UUID, collection_id: UUID) -> str | None:
    """Digest what the collection holds; None while documents are at work."""
    documents = Document.objects.for_organisation(organisation_id).filter(collection_id=collection_id, deleted_at=None)
    if documents.filter(state__in=WORKING_STATES).exists():
        return None
    digest = hashlib.sha256()
    for line in (
        documents.filter(state=DocumentState.READY).order_by("external_id").values_list("external_id", "indexed_digest")
    ):
        digest.update("\x00".join(line).encode())
    return digest.hexdigest()


def _claim(organisation_id: UUID, collection_id: UUID, state: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"llmasos.retrieval/{collection_id}"])
    collection = Collection.objects.for_organisation(organisation_id).filter(pk=collection_id).first()
    if collection is None or collection.settings.get("fitted_on") == state:
        return False
    _write(organisation_id, collection_id, fitted_on=state)
    return True


def _write(organisation_id: UUID, collection_id: UUID, **settings: str) -> None:
    collection = Collection.objects.for_organisation(organisation_id).select_for_update().get(pk=collection_id)
    collection.settings = {**collection.settings, **settings}
    collection.save(update_fields=["settings"])
