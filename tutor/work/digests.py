"""What was handed in, as digests: SHA-256 over RFC 8785 canonical JSON, so that anybody can compute them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

import rfc8785

if TYPE_CHECKING:
    from tutor.models import Question

VERSION = 1


def _digest(document: dict[str, Any]) -> str:
    return sha256(rfc8785.dumps(document)).hexdigest()


def answer_digest(*, text: str, choices: Iterable[str] = (), files: Iterable[str] = ()) -> str:
    """Return the digest of one answer; ``files`` are the SHA-256 digests of its files."""
    return _digest({"text": text, "choices": sorted(choices), "files": sorted(files)})


def question_digest(question: Question) -> str:
    """Return the digest of what the learner was asked: no rubric, no reference, no right option."""
    options = [{"id": str(one.get("id", "")), "text": str(one.get("text", ""))} for one in question.options]
    return _digest(
        {
            "id": str(question.pk),
            "kind": question.kind,
            "prompt": question.prompt,
            "points": _written(question.points),
            "options": options,
        }
    )


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What a submission's digest stands for. ``answers``: digests by question; ``questions``: likewise."""

    submission: UUID
    assignment: UUID
    learner: UUID
    attempt: int
    at: datetime
    questions: Mapping[UUID, str] = field(default_factory=dict)
    answers: Mapping[UUID, str] = field(default_factory=dict)


def submission_document(work: HandedIn) -> dict[str, Any]:
    """Return the JSON that :func:`submission_digest` is taken of. Questions stand in the order of their ids."""
    return {
        "version": VERSION,
        "submission": str(work.submission),
        "assignment": str(work.assignment),
        "learner": str(work.learner),
        "attempt": work.attempt,
        "submitted_at": work.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "answers": [
            {"question": str(key), "content": work.questions[key], "answer": work.answers[key]}
            for key in sorted(work.questions, key=str)
        ],
    }


def submission_digest(work: HandedIn) -> str:
    return _digest(submission_document(work))


def _written(points: Decimal) -> str:
    return format(points.normalize(), "f")
