"""What an answer is made of. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from llmasos.answering.evidence import Decision, Signals


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that an answer may cite as ``[n]``."""

    n: int
    chunk_id: str
    document_id: str
    external_id: str
    title: str
    heading: str
    url: str
    text: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "chunk_id": self.chunk_id,
            "document_id": self.document_id,
            "title": self.title,
            "heading": self.heading,
            "url": self.url,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """A sentence that was shown, quoted word for word or written by the model and checked."""

    text: str
    citations: tuple[int, ...]
    quoted: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question and what is to be done with it."""

    decision: Decision
    score: float
    signals: Signals | None
    passages: tuple[Passage, ...]
    ranked: tuple[str, ...] = ()
    """External ids of the documents found, best first, each once."""
    subjects: tuple[str, ...] = ()
    """Titles that compete for the best place, for a question back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer as it is stored.

    ``text`` is what the reader keeps: the checked sentences with their citation marks, or the quotation, or a fixed
    phrase. ``event`` is the run's terminal event.
    """

    event: str
    decision: str
    text: str
    language: str
    score: float
    sentences: tuple[ShownSentence, ...] = ()
    passages: tuple[Passage, ...] = ()
    courtesy: str = ""
    model: str = ""
    model_digest: str = ""
    prompt_digest: str = ""
    dropped: int = 0
    cut_short: str = ""
    """Why the model's own words are missing or incomplete; an error code, empty when they are complete."""

    @property
    def citations(self) -> list[dict[str, Any]]:
        """The cited passages, in the order of their numbers."""
        used = {n for sentence in self.sentences for n in sentence.citations}
        return [passage.as_dict() for passage in self.passages if passage.n in used]

    def as_dict(self) -> dict[str, Any]:
        """What the terminal event says."""
        return {
            "decision": self.decision,
            "text": self.text,
            "language": self.language,
            "citations": self.citations,
            "sentences": [{"text": s.text, "citations": list(s.citations), "quoted": s.quoted} for s in self.sentences],
            "courtesy": self.courtesy,
            "score": round(self.score, 4),
            "dropped": self.dropped,
            "cut_short": self.cut_short,
            "model": self.model,
            "model_digest": self.model_digest,
            "finish_reason": self.cut_short or "stop",
        }


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """The run that an answer ends, for whoever stores it. ``reference`` is what ``start_answer`` was given."""

    id: UUID
    organisation_id: UUID
    reference: str
    principal_kind: str
    principal_id: UUID | None
    collection_ids: tuple[UUID, ...] = field(default_factory=tuple)
