"""Which passage of the course's material says what was missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from llmasos.accounts.principals import system_principal
from llmasos.answering.screening import usable
from llmasos.answering.words import content_forms
from llmasos.retrieval import chunking
from llmasos.retrieval import queries as retrieval
from llmasos.retrieval.models import Chunk
from tutor.models import Course

NEAR_ENOUGH: Final = 0.4
"""The cosine below which a passage is not about what was asked; then none is named."""
FEWEST_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage of the material as it is cited: where it stands and what it says."""

    chunk_id: int
    document_id: UUID
    title: str
    heading: str
    text: str


@dataclass(slots=True)
class PassageFinder:
    """Searches a course's material, each text once."""

    course: Course
    _known: dict[str, int | None] = field(default_factory=dict)

    def __call__(self, text: str) -> int | None:
        """Return the chunk that is nearest to a text, None where none is near. Raises what the model service raises."""
        if self.course.collection_id is None or not text.strip():
            return None
        if text not in self._known:
            found = retrieval.search(
                system_principal(self.course.organisation_id),
                collection_ids=[self.course.collection_id],
                query=text,
                k=1,
            )
            near = [hit.chunk_id for hit in found.hits if hit.dense >= NEAR_ENOUGH]
            self._known[text] = near[0] if near else None
        return self._known[text]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage: where it stands, what it says, and its words that mean something."""

    start: int
    end: int
    text: str
    words: frozenset[str]


def sentences_of(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a passage that can be quoted: no headings, and nothing that addresses the machine."""
    at = 0
    for sentence in chunking.sentences(usable(text)):
        start = text.index(sentence, at)
        at = start + len(sentence)
        words = frozenset(content_forms(sentence))
        if not sentence.startswith("#") and len(words) >= FEWEST_WORDS:
            yield Sentence(start, at, sentence, words)


def quoted(text: str, sought: str) -> str:
    """Return the sentence of a passage that has most in common with what was sought; "" where none can be quoted."""
    wanted = frozenset(content_forms(sought))
    found = list(sentences_of(text))
    return max(found, key=lambda one: len(one.words & wanted)).text if found else ""


def passages_of(course: Course, chunk_ids: Iterable[int | None]) -> Mapping[int, PassageView]:
    """Return the passages that are still in the course's material."""
    wanted = {one for one in chunk_ids if one is not None}
    if not wanted or course.collection_id is None:
        return {}
    chunks = (
        Chunk.objects.for_organisation(course.organisation_id)
        .filter(pk__in=wanted, collection=course.collection_id, document__deleted_at=None)
        .select_related("document")
        .defer("embedding")
    )
    return {one.pk: passage_of(one) for one in chunks}


def passage_of(chunk: Chunk) -> PassageView:
    document = chunk.document
    path = [one for one in chunk.heading_path if one != document.title]
    return PassageView(chunk.pk, document.pk, str(document), " › ".join(path), chunk.text)
