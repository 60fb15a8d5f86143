"""Notes on an answer, as its markers see them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutor.models import Annotation, Answer, Release


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note on the characters ``start`` to ``end``. ``shown``: the learner sees it, so it does not change any more."""

    id: UUID
    start: int
    end: int
    text: str
    author: str
    shown: bool


def notes_of(answer: Answer) -> tuple[NoteView, ...]:
    """Return the notes on an answer in the order of the text."""
    held = release_of(answer)
    rows = Annotation.objects.for_organisation(answer.organisation_id).filter(answer=answer).select_related("author")
    return tuple(
        NoteView(
            one.pk, one.start, one.end, one.text, one.author.name if one.author is not None else "", is_shown(one, held)
        )
        for one in rows
    )


def release_of(answer: Answer) -> Release | None:
    """Return the release in which the learner sees the answer's mark now."""
    releases = Release.objects.for_organisation(answer.organisation_id)
    return releases.filter(submission=answer.submission_id, withdrawn_at=None).first()


def is_shown(note: Annotation, held: Release | None) -> bool:
    """Whether the learner sees the note; a release shows those that were there when it was made."""
    return held is not None and note.created_at <= held.released_at
