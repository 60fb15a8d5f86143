"""From the stored original to *ready*: reading, cutting, embedding, and putting the result in place at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import numpy as np
from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.inference import services as inference
from llmasos.inference.errors import InferenceError
from llmasos.inference.types import Priority
from llmasos.retrieval import chunking, indexing, languages, parsing, queries, querying
from llmasos.retrieval.models import WORKING_STATES, Collection, Document, DocumentState
from llmasos.retrieval.tokens import TokenCounter, counter

logger = logging.getLogger(__name__)

MAX_PASSAGES = 20_000
EMBED_TEXTS = 512
PROBE_HITS = 20


class _RefusedError(Exception):
    """A document cannot become ready; the message is its reason."""


@dataclass(slots=True)
class _Work:
    document: Document
    parsed: parsing.ParsedDocument
    passages: list[chunking.Passage]
    vectors: NDArray[np.float32]


def ingest(organisation_id: UUID, document_ids: Sequence[UUID]) -> None:
    """Bring queued documents to *ready* or *failed*. Delivered twice, it has one effect.

    The present version of a document is found until the new one takes its place in one transaction.
    """
    attempt = uuid4()
    count = counter()
    works: list[_Work] = []
    for document_id in document_ids:
        work = _begin(organisation_id, document_id, attempt=attempt, count=count)
        if work is not None:
            works.append(work)
    embedded = _embed(organisation_id, works, attempt=attempt)
    for work in embedded:
        _finish(organisation_id, work, attempt=attempt)
    with acting_in(organisation_id):
        touched = Document.objects.for_organisation(organisation_id).filter(pk__in=document_ids)
        for collection_id in touched.values_list("collection_id", flat=True).distinct():
            indexing.count_collection(collection_id)


def _begin(organisation_id: UUID, document_id: UUID, *, attempt: UUID, count: TokenCounter) -> _Work | None:
    with acting_in(organisation_id):
        document = (
            Document.objects.for_organisation(organisation_id)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("original", "collection")
            .filter(pk=document_id, deleted_at=None, state__in=WORKING_STATES)
            .first()
        )
        if document is None:
            return None
        document.attempt, document.state, document.state_at = attempt, DocumentState.PARSING, timezone.now()
        document.save(update_fields=["attempt", "state", "state_at"])
    try:
        parsed, passages = _passages(document, count)
    except (parsing.UnreadableError, _RefusedError) as refusal:
        _fail(organisation_id, document, str(refusal), attempt=attempt)
        return None
    except Exception:
        logger.exception("a document could not be read", extra={"document": str(document_id)})
        _fail(organisation_id, document, _("The document could not be read."), attempt=attempt)
        return None
    if not _advance(organisation_id, document, DocumentState.EMBEDDING, attempt=attempt):
        return None
    return _Work(document, parsed, passages, np.empty((0, 0), dtype=np.float32))


def _passages(document: Document, count: TokenCounter) -> tuple[parsing.ParsedDocument, list[chunking.Passage]]:
    parsed = parsing.read(
        bytes(document.original.content), media_type=document.original.media_type, name=document.external_id
    )
    passages = chunking.passages(title=parsed.title, sections=parsed.sections, counter=count)
    if not passages and parsed.is_question:
        passages = [chunking.Passage((), parsed.title, parsed.title, count.count(parsed.title))]
    if len(passages) > MAX_PASSAGES:
        raise _RefusedError(_("The document is too long. Split it into parts."))
    return parsed, passages


def _embed(organisation_id: UUID, works: Sequence[_Work], *, attempt: UUID) -> list[_Work]:
    texts: list[str] = []
    for work in works:
        texts.extend(passage.embedded_text for passage in work.passages)
        if work.parsed.is_question:
            texts.append(work.parsed.title)
    if not texts:
        return []
    principal = system_principal(organisation_id)
    try:
        parts = [
            inference.embed(principal, texts[start : start + EMBED_TEXTS], priority=Priority.BULK).vectors
            for start in range(0, len(texts), EMBED_TEXTS)
        ]
    except InferenceError:
        for work in works:
            _fail(organisation_id, work.document, _("The model service did not answer. Try again."), attempt=attempt)
        return []
    vectors = np.concatenate(parts)
    start = 0
    for work in works:
        end = start + len(work.passages)
        own = vectors[start:end]
        if work.parsed.is_question:
            # The question alone and the question with its answer count alike.
            own = (own + vectors[end]) / 2
            end += 1
        work.vectors = own
        start = end
    return list(works)


def _finish(organisation_id: UUID, work: _Work, *, attempt: UUID) -> None:
    document = work.document
    try:
        with acting_in(organisation_id):
            held = (
                Document.objects.for_organisation(organisation_id)
                .select_for_update()
                .filter(pk=document.pk, attempt=attempt, deleted_at=None)
                .first()
            )
            if held is None:
                return
            collection = _with_language(document.collection, work)
            held.title = work.parsed.title[:500]
            held.url = (work.parsed.url or document.url)[:2000]
            held.language = languages.detect("\n".join(passage.text for passage in work.passages[:8]))
            indexed = [
                indexing.IndexedPassage(passage, vector)
                for passage, vector in zip(work.passages, work.vectors, strict=True)
            ]
            indexing.replace_chunks(held, indexed, language=collection.language)
            _probe(held, work)
            held.state, held.failure, held.attempt = DocumentState.READY, "", None
            held.indexed_digest, held.chunk_count = held.content_digest, len(indexed)
            held.state_at = held.ready_at = timezone.now()
            held.save()
    except _RefusedError as refusal:
        _fail(organisation_id, document, str(refusal), attempt=attempt)
    except DatabaseError:
        logger.exception("a document could not be stored", extra={"document": str(document.pk)})
        _fail(organisation_id, document, _("The document could not be stored. Try again."), attempt=attempt)


def _with_language(collection: Collection, work: _Work) -> Collection:
    """Give a collection without a language that of its first document."""
    if collection.language:
        return collection
    found = languages.detect("\n".join([work.parsed.title, *(passage.text for passage in work.passages[:8])]))
    if found:
        Collection.objects.filter(pk=collection.pk, language="").update(language=found)
        collection.refresh_from_db(fields=["language"])
    return collection


def _probe(document: Document, work: _Work) -> None:
    """Refuse a document that its own words do not find."""
    passage = work.passages[0]
    probe = querying.prepared_from(passage.embedded_text, last=work.vectors[0], conversation=work.vectors[0])
    result = queries.find(
        document.organisation_id, collection_ids=[document.collection_id], prepared=probe, k=PROBE_HITS
    )
    if any(hit.document_id == document.pk for hit in result.hits):
        return
    # Its twins may fill the list; what they say, it says.
    if any(hit.text == passage.text for hit in result.hits):
        return
    raise _RefusedError(_("The document was indexed, but a question made from it does not find it."))


def _advance(organisation_id: UUID, document: Document, state: DocumentState, *, attempt: UUID) -> bool:
    with acting_in(organisation_id):
        mine = Document.objects.for_organisation(organisation_id).filter(pk=document.pk, attempt=attempt)
        return mine.update(state=state, state_at=timezone.now()) == 1


def _fail(organisation_id: UUID, document: Document, reason: str, *, attempt: UUID) -> None:
    with acting_in(organisation_id):
        mine = Document.objects.for_organisation(organisation_id).filter(Q(pk=document.pk), Q(attempt=attempt))
        mine.update(state=DocumentState.FAILED, failure=reason[:500], attempt=None, state_at=timezone.now())
