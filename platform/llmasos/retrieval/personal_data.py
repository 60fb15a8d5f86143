"""Documents that are somebody's: their originals, passages, vectors and terms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from llmasos.audit.types import Ref
from llmasos.privacy.registry import Store, register_store
from llmasos.retrieval import indexing
from llmasos.retrieval.models import Chunk, Document


def register() -> None:
    """Make the store known; called once, in ``AppConfig.ready``."""
    register_store(
        Store(
            name="retrieval.documents",
            label=_("Documents of people, with their passages and vectors"),
            purpose=_("To find what a person handed in or what was written about them"),
            categories=(_("Texts"), _("File as it was handed in"), _("Vectors of its passages")),
            legal_basis=_("Contract (GDPR, article 6(1)(b))"),
            protection="row security",
            subject_kinds=("*",),
            tables=("retrieval_document", "retrieval_original", "retrieval_chunk", "retrieval_posting"),
            erase=_erase,
            export=_export,
            count=lambda organisation_id, subject: _documents(organisation_id, subject).count(),
            order=30,
        )
    )


def _documents(organisation_id: UUID, subject: Ref | None) -> QuerySet[Document]:
    rows = Document.objects.for_organisation(organisation_id).filter(subject_id__isnull=False)
    return rows if subject is None else rows.filter(subject_kind=subject.kind, subject_id=subject.id)


def _erase(organisation_id: UUID, subject: Ref) -> int:
    """Remove the subject's documents from index and store, and count the collections anew."""
    found = _documents(organisation_id, subject)
    collections = set(found.values_list("collection_id", flat=True))
    for document_id in found.values_list("pk", flat=True):
        indexing.remove_chunks(document_id)
    removed = found.delete()[0]
    for collection_id in collections:
        indexing.count_collection(collection_id)
    return removed


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    return [
        {
            "document": str(document.pk),
            "title": document.title,
            "imported_at": document.created_at.isoformat(),
            "passages": list(
                Chunk.objects.for_organisation(organisation_id)
                .filter(document=document)
                .order_by("position")
                .values_list("text", flat=True)
            ),
        }
        for document in _documents(organisation_id, subject).order_by("created_at")
    ]
