"""Reading a note for its pages. Inside ``acting_in``; reads are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from clinical_assist.models import Encounter, Note, Patient
from clinical_assist.notes.changes import Changes, bare, changes
from clinical_assist.notes.sections import NAMES, Section, Sentence, sections_of, sentences
from clinical_assist.notes.services import SIGNED, Written, drafted_now, seen
from clinical_assist.record.access import subject
from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref

_LINE = 90


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence as its field shows it. ``other`` is what somebody else saved meanwhile; None where nobody did."""

    sentence: Sentence
    text: str
    was: str
    is_open: bool
    other: str | None = None

    @property
    def lines(self) -> int:
        return len(self.text or self.sentence.proposed) // _LINE + 1


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its sentences."""

    name: str
    label: str
    rows: tuple[Row, ...]


def note_of(organisation_id: UUID, encounter: Encounter) -> Note | None:
    """Return the note of an encounter with the people of it."""
    notes = Note.objects.for_organisation(organisation_id)
    return notes.select_related("signed_by", "saved_by", "encounter").filter(encounter=encounter).first()


def parts(note: Note, written: Written | None = None, others: Mapping[str, str] | None = None) -> list[Part]:
    """Return the note for its form; with ``written`` the fields hold what was sent and could not be saved."""
    sections = sections_of(note.sections)
    texts = written.texts if written else {}
    opened = set(note.opened) | (written.opened if written else frozenset())
    known = {one.key for one in sentences(sections)}
    found = []
    for name in NAMES:
        rows = []
        for one in sections[name]:
            sent = texts.get(one.key)
            text = one.text if sent is None or seen(sent.text) == sent.was else sent.text
            rows.append(Row(one, text, seen(one.text), one.key in opened, (others or {}).get(one.key)))
        if written:
            rows += [
                Row(Sentence(key=key), sent.text, seen(""), is_open=False)
                for key, sent in texts.items()
                if key not in known and written.added.get(key) == name and sent.text.strip()
            ]
        found.append(Part(name, str(Section(name).label), tuple(rows)))
    return found


def changes_of(note: Note, patient: Patient) -> Changes:
    """Return what the record has for this draft that the draft has not; nothing for a signed or hand-begun note."""
    sections = sections_of(note.sections)
    if note.state in SIGNED or not any(one.drafted for one in sentences(sections)):
        return Changes()
    return changes(sections, drafted_now(note, patient))


def changes_since_review(note: Note, patient: Patient) -> Changes:
    """Return what the record says otherwise than when a reviewed note was reviewed; nothing for a draft."""
    if note.state != Note.State.REVIEWED:
        return Changes()
    return changes(sections_of(note.reviewed_record or {}), bare(drafted_now(note, patient)))


def record_reading(principal: Principal, note: Note, purpose: str, *, action: str = "clinical.note_read") -> None:
    """Write into the log that somebody reads a note, or takes it away on paper or as a file."""
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=subject(note.patient_id),
        object=Ref("note", note.pk),
        purpose=purpose,
        digests={"revision": note.revision},
    )
