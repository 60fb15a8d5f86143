"""Reads: search, and the state of collections and documents."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.retrieval import permissions, querying
from llmasos.retrieval.models import WORKING_STATES, Chunk, Collection, Document, DocumentState
from llmasos.retrieval.querying import PreparedQuery, Query
from llmasos.retrieval.results import Explanation, Hit, SearchResult

MAX_HITS = 200
_SEARCH = (
    "SELECT chunk_id, score, dense, dense_last, dense_conversation, lexical, lexical_share, lexical_weight"
    " FROM llmasos_search(%s, %s::uuid[], %s::vector, %s::vector, %s::vector, %s, %s::text[], %s::float8[],"
    " %s::text[], %s::float8[], %s, %s)"
)


def search(principal: Principal, *, collection_ids: Sequence[UUID], query: Query, k: int = 10) -> SearchResult:
    """Find the ``k`` best passages of the organisation's collections for a question or a conversation.

    One audit entry is written, with digests and the number of hits, never the text.

    Raises:
        ValueError: the question is empty.
        PermissionDenied: the API key may not search.
        InferenceError: the question could not be embedded.
    """
    permissions.require_search(principal)
    (prepared,) = querying.prepare(principal, [query])
    return search_prepared(principal, collection_ids=collection_ids, prepared=prepared, k=k)


def search_prepared(
    principal: Principal, *, collection_ids: Sequence[UUID], prepared: PreparedQuery, k: int = 10
) -> SearchResult:
    """``search`` for a question that is embedded already."""
    permissions.require_search(principal)
    with acting_in(principal.organisation_id):
        result = find(principal.organisation_id, collection_ids=collection_ids, prepared=prepared, k=k)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="retrieval.search",
            digests={
                "query": hashlib.sha256(prepared.text.encode()).hexdigest(),
                "collections": _digest(sorted(str(one) for one in collection_ids)),
                "passages": _digest([str(hit.chunk_id) for hit in result.hits]),
                "hits": len(result.hits),
            },
        )
    return result


def find(
    organisation_id: UUID,
    *,
    collection_ids: Sequence[UUID],
    prepared: PreparedQuery,
    k: int = 10,
    weight: float | None = None,
) -> SearchResult:
    """Search without an audit entry, inside ``acting_in``: for probes and measurements of the platform itself.

    ``weight`` takes the place of the collections' fitted weight: 0 is the dense leg alone, 1 the lexical leg.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _SEARCH,
            [
                organisation_id,
                list(collection_ids),
                _written(prepared.vector),
                _written(prepared.last),
                _written(prepared.conversation),
                prepared.spaced_text,
                list(prepared.unspaced_terms),
                list(prepared.unspaced_weights),
                list(prepared.expanded_terms),
                list(prepared.expanded_weights),
                max(1, min(k, MAX_HITS)),
                weight,
            ],
        )
        rows = cursor.fetchall()
    chunks = (
        Chunk.objects.for_organisation(organisation_id)
        .select_related("document")
        .defer("embedding")
        .in_bulk([row[0] for row in rows])
    )
    hits = tuple(_hit(chunks[row[0]], row) for row in rows if row[0] in chunks)
    if not hits:
        return SearchResult(())
    return SearchResult(
        hits,
        best_dense=max(hit.dense for hit in hits),
        best_dense_last=max(hit.explanation.dense_last for hit in hits),
        best_dense_conversation=max(hit.explanation.dense_conversation for hit in hits),
        best_lexical_share=max(hit.explanation.lexical_share for hit in hits),
    )


def collections(principal: Principal) -> QuerySet[Collection]:
    """The organisation's collections with ``documents_total``, ``documents_working`` and ``documents_failed``."""
    present = Q(documents__deleted_at=None)
    return Collection.objects.for_organisation(principal.organisation_id).annotate(
        documents_total=Count("documents", filter=present),
        documents_working=Count("documents", filter=present & Q(documents__state__in=WORKING_STATES)),
        documents_failed=Count("documents", filter=present & Q(documents__state=DocumentState.FAILED)),
    )


def collection_named(organisation_id: UUID, name: str) -> Collection | None:
    return Collection.objects.for_organisation(organisation_id).filter(name=name).first()


def documents(principal: Principal, collection: Collection) -> QuerySet[Document]:
    """A collection's documents: failed ones first, then those at work, then the latest."""
    return (
        Document.objects.for_organisation(principal.organisation_id)
        .filter(collection=collection, deleted_at=None)
        .order_by("-created_at", "external_id")
    )


def progress(organisation_id: UUID, collection_id: UUID) -> dict[str, int]:
    """How many documents of a collection are in each state."""
    counted = (
        Document.objects.for_organisation(organisation_id)
        .filter(collection_id=collection_id, deleted_at=None)
        .values_list("state")
        .annotate(Count("pk"))
    )
    return dict.fromkeys(DocumentState.values, 0) | dict(counted)


def _hit(chunk: Chunk, row: tuple[float, ...]) -> Hit:
    document = chunk.document
    explanation = Explanation(
        dense=row[2], dense_last=row[3], dense_conversation=row[4], lexical=row[5], lexical_share=row[6],
        lexical_weight=row[7],
    )  # fmt: skip
    return Hit(
        chunk_id=chunk.pk,
        document_id=document.pk,
        collection_id=chunk.collection_id,
        external_id=document.external_id,
        title=document.title,
        heading_path=tuple(chunk.heading_path),
        text=chunk.text,
        url=document.url,
        position=chunk.position,
        score=row[1],
        dense=row[2],
        lexical=row[5],
        explanation=explanation,
    )


def _written(vector: querying.Vector) -> str:
    return "[" + ",".join(map(repr, vector.tolist())) + "]"


def _digest(values: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(values).encode()).hexdigest()
