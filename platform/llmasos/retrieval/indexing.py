"""Writing and removing what search reads: chunks, their vectors and their terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from llmasos.retrieval import languages
from llmasos.retrieval.chunking import Passage
from llmasos.retrieval.models import Chunk, Document, Posting

_ADD_TERMS = """
WITH counted AS (
    SELECT given.chunk_id, t.term, t.frequency
    FROM unnest(%s::bigint[], %s::text[]) AS given (chunk_id, body),
         llmasos_terms(given.body, llmasos_stemmer(%s)) t
    UNION ALL
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::integer[])
),
summed AS (SELECT chunk_id, term, sum(frequency) AS frequency FROM counted GROUP BY chunk_id, term),
added AS (
    INSERT INTO retrieval_posting (chunk_id, term, organisation_id, collection_id, frequency, length)
    SELECT chunk_id, term, %s, %s, least(frequency, 32767), sum(frequency) OVER (PARTITION BY chunk_id) FROM summed
    RETURNING chunk_id, length
)
UPDATE retrieval_chunk c SET term_count = a.length
FROM (SELECT DISTINCT chunk_id, length FROM added) a WHERE c.id = a.chunk_id
"""

_COUNT = """
UPDATE retrieval_collection SET chunk_count = counted.chunks, term_total = counted.terms
FROM (
    SELECT count(*) AS chunks, coalesce(sum(term_count), 0) AS terms FROM retrieval_chunk WHERE collection_id = %s
) counted
WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A passage with the vector under which it is found."""

    passage: Passage
    vector: NDArray[np.float32]


def lexical_text(title: str, passage: Passage) -> str:
    """Return what the lexical leg reads of a passage: its title, its place and its text."""
    return "\n".join([title, *passage.heading_path[:-1], passage.text])


def replace_chunks(document: Document, indexed: Sequence[IndexedPassage], *, language: str) -> None:
    """Put new chunks in the place of the document's present ones. Call it inside a transaction."""
    remove_chunks(document.pk)
    chunks = Chunk.objects.bulk_create(
        Chunk(
            organisation_id=document.organisation_id,
            collection_id=document.collection_id,
            document=document,
            position=position,
            heading_path=list(entry.passage.heading_path),
            text=entry.passage.text,
            token_count=entry.passage.token_count,
            embedding=entry.vector,
        )
        for position, entry in enumerate(indexed)
    )
    texts = [lexical_text(document.title, entry.passage) for entry in indexed]
    unspaced = [
        (chunk.pk, term, frequency)
        for chunk, text in zip(chunks, texts, strict=True)
        for term, frequency in languages.unspaced_terms(text).items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_TERMS,
            [
                [chunk.pk for chunk in chunks],
                [languages.spaced_part(text) for text in texts],
                language,
                [entry[0] for entry in unspaced],
                [entry[1] for entry in unspaced],
                [entry[2] for entry in unspaced],
                document.organisation_id,
                document.collection_id,
            ],
        )


def remove_chunks(document_id: UUID) -> None:
    """Take a document out of the index."""
    Posting.objects.filter(chunk__document_id=document_id).delete()
    Chunk.objects.filter(document_id=document_id).delete()


def count_collection(collection_id: UUID) -> None:
    """Bring a collection's statistics up to date."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [collection_id, collection_id])
