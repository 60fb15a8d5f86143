"""Notes on passages: added, changed and removed until the learner sees them, each with its log entry."""

from __future__ import annotations

from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import DECIDERS, FIRST_MARKERS, answer_for, require_person
from tutor.marking.errors import NotFoundError
from tutor.marking.services.locks import refuse_if_locked
from tutor.marking.services.marks import refuse_if_changed
from tutor.models import Annotation
from tutor.notes.errors import BadSpanError, EmptyNoteError, NoteShownError
from tutor.notes.queries import is_shown, release_of


def add_note(
    principal: Principal, answer_id: UUID, *, start: int, end: int, text: str, expected_digest: str
) -> Annotation:
    """Note something on the characters ``start`` to ``end`` of an answer. The learner sees it with the next release.

    Raises:
        NotFoundError, PermissionDenied: second markers, who mark blind, write none.
        AnswerChangedError, LockedError.
        BadSpanError, EmptyNoteError.
    """
    person_id = require_person(principal)
    with acting_in(principal.organisation_id):
        answer = answer_for(principal, answer_id, *FIRST_MARKERS, lock=True)
        refuse_if_locked(answer, person_id)
        refuse_if_changed(answer, expected_digest)
        if not 0 <= start < end <= len(answer.text):
            raise BadSpanError
        note = Annotation.objects.create(
            organisation_id=principal.organisation_id,
            answer=answer,
            learner_id=answer.learner_id,
            start=start,
            end=end,
            text=_words(text),
            author_id=person_id,
        )
        _record(principal, note, "tutor.note_added")
        return note


def change_note(principal: Principal, note_id: UUID, *, text: str) -> Annotation:
    """Write a note anew. Notes are changed by who wrote them, or by a teacher.

    Raises:
        NotFoundError, PermissionDenied, LockedError, EmptyNoteError.
        NoteShownError: the learner sees it.
    """
    with acting_in(principal.organisation_id):
        note = _own(principal, note_id)
        note.text = _words(text)
        note.save(update_fields=["text"])
        _record(principal, note, "tutor.note_changed")
        return note


def remove_note(principal: Principal, note_id: UUID) -> Annotation:
    """Remove a note. Raises as ``change_note``."""
    with acting_in(principal.organisation_id):
        note = _own(principal, note_id)
        _record(principal, note, "tutor.note_removed")
        Annotation.objects.for_organisation(principal.organisation_id).filter(pk=note_id).delete()
        return note


def _own(principal: Principal, note_id: UUID) -> Annotation:
    person_id = require_person(principal)
    note = Annotation.objects.for_organisation(principal.organisation_id).filter(pk=note_id).first()
    if note is None:
        raise NotFoundError
    roles = FIRST_MARKERS if note.author_id == person_id else DECIDERS
    answer = answer_for(principal, note.answer_id, *roles, lock=True)
    refuse_if_locked(answer, person_id)
    if is_shown(note, release_of(answer)):
        raise NoteShownError
    return note


def _words(text: str) -> str:
    if not text.strip():
        raise EmptyNoteError
    return text.strip()


def _record(principal: Principal, note: Annotation, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=Ref("learner", note.learner_id),
        object=Ref("answer", note.answer_id),
        digests={"note": str(note.pk), "start": note.start, "end": note.end},
    )
