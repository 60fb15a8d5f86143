"""Writing a note: drafting, saving what a clinician changed, following the record, withdrawing. Each is one function.

Several people may write in one draft. Each sentence is saved against what its writer saw: changes to different ones
join, and a change to a sentence that somebody else changed meanwhile is refused with both texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinical_assist.governance.switches import require_running
from clinical_assist.models import Encounter, Note, Patient
from clinical_assist.notes.changes import brought_up, changes
from clinical_assist.notes.drafting import draft
from clinical_assist.notes.errors import NoNoteError, NoteConflictError, NoteError, SignedError
from clinical_assist.notes.gathering import facts_of
from clinical_assist.notes.sections import NAMES, Sentence, content_of, sections_of, sentences
from clinical_assist.record.access import encounter_for, subject
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.canonical import DigestValue
from llmasos.audit.services import record
from llmasos.audit.types import Ref

FUNCTION: Final = "note"
LONGEST_SENTENCE: Final = 2_000
LONGEST_PASTED: Final = 50_000
MOST_SENTENCES: Final = 500
SIGNED: Final = frozenset({Note.State.SIGNED, Note.State.AMENDED})


@dataclass(frozen=True, slots=True)
class Field:
    """A text as somebody left it, and the mark of what they saw there before (``seen``)."""

    text: str
    was: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a page sends: texts by the key of their sentence, the section of those it added, and what was opened."""

    texts: Mapping[str, Field] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    pasted: Field | None = None
    opened: frozenset[str] = frozenset()


def seen(text: str) -> str:
    """Return the mark of a text, by which a save says what its writer had before them."""
    return sha256(text.encode()).hexdigest()[:16]


def make_draft(principal: Principal, encounter_id: UUID, *, by_hand: bool = False) -> Note:
    """Draft the note of an encounter from what was recorded; ``by_hand`` begins an empty one.

    A draft that is there stays; a withdrawn one is replaced.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError: as ``encounter_for``.
        StoppedError: drafting was stopped here.
    """
    with acting_in(principal.organisation_id):
        encounter, patient, purpose = encounter_for(principal, encounter_id)
        # Two who ask at the same moment wait for each other here.
        Encounter.objects.for_organisation(principal.organisation_id).select_for_update(no_key=True).get(
            pk=encounter.pk
        )
        note = Note.objects.for_organisation(principal.organisation_id).filter(encounter=encounter).first()
        if note is not None and note.withdrawn_at is None:
            return note
        if not by_hand:
            require_running(principal.organisation_id, FUNCTION)
        if note is None:
            note = Note(organisation_id=principal.organisation_id, patient_id=encounter.patient_id, encounter=encounter)
        else:
            note.revision += 1
        made = {} if by_hand else draft(facts_of(encounter, patient))
        note.sections, note.language = content_of(made), get_language() or "en"
        note.state, note.withdrawn_at, note.opened, note.pasted = Note.State.DRAFT, None, [], ""
        note.wording, note.model, note.model_digest = Note.Wording.NONE, "", ""
        note.created_by_id, note.created_at = principal.id, timezone.now()
        count = sum(1 for _one in sentences(made))
        _save(principal, note, "clinical.note_drafted", purpose=purpose, digests={"sentences": count})
    return note


def save_draft(principal: Principal, encounter_id: UUID, written: Written) -> Note:
    """Store what a clinician changed. Saving the same once more changes nothing.

    Raises:
        NoteConflictError: somebody else changed the same sentence, or the pasted text, meanwhile.
        SignedError, NoNoteError: there is no draft to change.
        NoteError: a text is too long.
    """
    with acting_in(principal.organisation_id):
        note, _patient, purpose = lock_draft(principal, encounter_id)
        sections = sections_of(note.sections)
        _check(written)
        others: dict[str, str] = {}
        changed = _changed(sections, written, others)
        pasted = written.pasted
        if pasted is not None and pasted.text != note.pasted and seen(pasted.text) != pasted.was:
            if seen(note.pasted) == pasted.was:
                note.pasted = pasted.text
                changed += 1
            else:
                others["pasted"] = note.pasted
        if others:
            raise NoteConflictError(
                _("Somebody else changed the same text meanwhile. Nothing was saved: both texts are below."),
                others=others,
                saved_by=note.saved_by_id,
            )
        opened = sorted({*note.opened, *(one.key for one in sentences(sections) if one.key in written.opened)})
        if not changed and opened == note.opened:
            return note
        note.opened = opened
        if changed:
            note.sections = content_of(sections)
            note.state = Note.State.DRAFT
        digests: dict[str, DigestValue] = {"changed": changed, "opened": len(opened)}
        note.revision += 1
        _save(principal, note, "clinical.note_saved", purpose=purpose, digests=digests)
    return note


def bring_up_to_date(principal: Principal, encounter_id: UUID) -> Note:
    """Let the draft follow the record. Sentences that a clinician changed or left out stay as they are.

    What now says something else has to be opened again. Raises SignedError, NoNoteError, StoppedError.
    """
    with acting_in(principal.organisation_id):
        require_running(principal.organisation_id, FUNCTION)
        note, patient, purpose = lock_draft(principal, encounter_id)
        sections = sections_of(note.sections)
        fresh = drafted_now(note, patient)
        found = changes(sections, fresh)
        if not found:
            return note
        other = {before.key for before, _now in found.changed}
        note.sections = content_of(brought_up(sections, fresh))
        note.opened = [key for key in note.opened if key not in other]
        note.state = Note.State.DRAFT
        note.revision += 1
        digests: dict[str, DigestValue] = {
            "added": len(found.added),
            "changed": len(found.changed),
            "gone": len(found.gone),
        }
        _save(principal, note, "clinical.note_followed", purpose=purpose, digests=digests)
    return note


def drafted_now(note: Note, patient: Patient) -> dict[str, list[Sentence]]:
    """Return what a draft of the note would be now, in the note's language."""
    with translation.override(note.language):
        return draft(facts_of(note.encounter, patient))


def withdraw_draft(principal: Principal, encounter_id: UUID) -> Note:
    """Withdraw an unsigned note; it can be taken back. Raises SignedError, NoNoteError."""
    with acting_in(principal.organisation_id):
        note, _patient, purpose = lock_draft(principal, encounter_id)
        note.withdrawn_at = timezone.now()
        note.revision += 1
        _save(principal, note, "clinical.note_withdrawn", purpose=purpose)
    return note


def take_back(principal: Principal, encounter_id: UUID) -> Note:
    """Undo a withdrawal: the draft is there again as it was. Raises SignedError, NoNoteError."""
    with acting_in(principal.organisation_id):
        note, _patient, purpose = lock_note(principal, encounter_id)
        if note.state in SIGNED:
            raise SignedError(_signed())
        if note.withdrawn_at is not None:
            note.withdrawn_at = None
            note.revision += 1
            _save(principal, note, "clinical.note_taken_back", purpose=purpose)
    return note


def lock_note(principal: Principal, encounter_id: UUID) -> tuple[Note, Patient, str]:
    """Return the note of an encounter, locked, with whose record it is and the purpose to record.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError: as ``encounter_for``.
        NoNoteError: none was drafted.
    """
    encounter, patient, purpose = encounter_for(principal, encounter_id)
    rows = Note.objects.for_organisation(principal.organisation_id).select_for_update(of=("self",))
    note = rows.select_related("encounter").filter(encounter=encounter).first()
    if note is None:
        raise NoNoteError(_("There is no note of this visit yet: draft it first."))
    return note, patient, purpose


def lock_draft(principal: Principal, encounter_id: UUID) -> tuple[Note, Patient, str]:
    """As ``lock_note``, for a note that may still change. Raises SignedError and NoNoteError for others."""
    note, patient, purpose = lock_note(principal, encounter_id)
    if note.state in SIGNED:
        raise SignedError(_signed())
    if note.withdrawn_at is not None:
        raise NoNoteError(_("This draft was withdrawn: take it back, or draft the note anew."))
    return note, patient, purpose


def _signed() -> str:
    return _("This note is signed and stays as it is. What comes later is an addendum.")


def _check(written: Written) -> None:
    if any(len(one.text) > LONGEST_SENTENCE for one in written.texts.values()):
        raise NoteError(_("A sentence is too long: 2,000 letters fit. Put the rest into a new one."))
    if written.pasted is not None and len(written.pasted.text) > LONGEST_PASTED:
        raise NoteError(_("The pasted text is too long: 50,000 letters fit."))


def _changed(sections: dict[str, list[Sentence]], written: Written, others: dict[str, str]) -> int:
    """Put what was written into the sections; return how many sentences changed. ``others`` takes the conflicts."""
    changed = 0
    known = set()
    for of_section in sections.values():
        for number, sentence in enumerate(of_section):
            known.add(sentence.key)
            left = written.texts.get(sentence.key)
            if left is None or _plain(left.text) == sentence.text or seen(_plain(left.text)) == left.was:
                continue
            if seen(sentence.text) != left.was:
                others[sentence.key] = sentence.text
                continue
            of_section[number] = sentence.with_own(left.text)
            changed += 1
    changed += _added(sections, written, known)
    for name, of_section in sections.items():
        sections[name] = [one for one in of_section if one.text or one.proposed]
    return changed


def _added(sections: dict[str, list[Sentence]], written: Written, known: Iterable[str]) -> int:
    """Append new sentences, and those whose own row went meanwhile: what was typed is not lost."""
    count = 0
    for key, left in written.texts.items():
        text = _plain(left.text)
        name = written.added.get(key, "")
        if key in known or name not in NAMES or not text or seen(text) == left.was:
            continue
        if sum(map(len, sections.values())) >= MOST_SENTENCES:
            raise NoteError(_("The note has too many sentences: 500 fit."))
        sections[name].append(Sentence(key=key, own=text))
        count += 1
    return count


def _plain(text: str) -> str:
    return " ".join(text.split())


def _save(
    principal: Principal,
    note: Note,
    action: str,
    *,
    purpose: str,
    digests: Mapping[str, DigestValue] | None = None,
) -> None:
    note.saved_by_id, note.saved_at = principal.id, timezone.now()
    note.save()
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=subject(note.patient_id),
        object=Ref("note", note.pk),
        purpose=purpose,
        digests={"revision": note.revision, **(digests or {})},
    )
