"""Reviewing and signing a note, and adding to a signed one. A signature names its signer, its text and its moment."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinical_assist.models import Note, NoteAddendum
from clinical_assist.notes.changes import bare
from clinical_assist.notes.documents import addendum_document, digest, note_document
from clinical_assist.notes.errors import (
    NoteConflictError,
    NoteError,
    NotProvedError,
    NotReviewedError,
    NotYoursToSignError,
    RecordChangedError,
    UnopenedError,
    WrongPatientError,
)
from clinical_assist.notes.queries import changes_since_review
from clinical_assist.notes.sections import content_of, sections_of, sentences, unopened
from clinical_assist.notes.services import SIGNED, drafted_now, lock_draft, lock_note
from clinical_assist.record.access import is_clinician, lock_record, subject
from clinical_assist.record.confirming import Confirmed
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref

LONGEST_ADDENDUM: Final = 10_000


def review_note(principal: Principal, encounter_id: UUID, *, revision: int) -> Note:
    """Mark a draft as reviewed, as it stood at ``revision`` and beside the record as it is now.

    Raises:
        NoteConflictError: it was changed since.
        UnopenedError: sentences of the risky classes were not opened.
        SignedError, NoNoteError: there is no draft.
        NoteError: it says nothing.
    """
    with acting_in(principal.organisation_id):
        note, patient, purpose = lock_draft(principal, encounter_id)
        patient = lock_record(patient)
        _require_revision(note, revision)
        _require_opened(note)
        if not any(one.text for one in sentences(sections_of(note.sections))):
            raise NoteError(_("An empty note cannot be reviewed: write what happened, or withdraw it."))
        if note.state != Note.State.REVIEWED or changes_since_review(note, patient):
            note.state = Note.State.REVIEWED
            note.reviewed_record = content_of(bare(drafted_now(note, patient)))
            note.save(update_fields=["state", "reviewed_record"])
            record(
                organisation_id=principal.organisation_id,
                actor=principal.actor,
                action="clinical.note_reviewed",
                subject=subject(note.patient_id),
                object=Ref("note", note.pk),
                purpose=purpose,
                digests={"revision": note.revision, "opened": len(note.opened)},
            )
    return note


def sign_note(principal: Principal, encounter_id: UUID, confirmed: Confirmed, *, revision: int) -> Note:
    """Sign a reviewed note. From then on its text is frozen, and its digest stands in the log.

    Raises:
        NotYoursToSignError: the principal is no clinician of the care team.
        NotReviewedError, UnopenedError: it was not reviewed as it stands.
        RecordChangedError: the record changed since the review.
        NoteConflictError: it was changed since ``revision``, which the signer has read.
        NotProvedError: the last proof of who signs is too old.
        WrongPatientError: what was typed is not the patient's.
        SignedError, NoNoteError: there is no draft.
    """
    with acting_in(principal.organisation_id):
        note, patient, purpose = lock_draft(principal, encounter_id)
        patient = lock_record(patient)
        _require_signer(principal, purpose)
        _require_revision(note, revision)
        _require_opened(note)
        if note.state != Note.State.REVIEWED:
            raise NotReviewedError(_("Only a reviewed note is signed: review it first."))
        if changes_since_review(note, patient):
            raise RecordChangedError(
                _("The record has changed since this was reviewed: look at what changed, and review the note again.")
            )
        _require_proof(confirmed)
        if not confirmed.is_of(patient):
            raise WrongPatientError(
                _("This is not the patient of this note. Look at the name above, and ask the patient if in doubt.")
            )
        # It was kept for the time between review and signature.
        note.state, note.reviewed_record = Note.State.SIGNED, None
        note.signed_by_id, note.signed_at = principal.id, timezone.now()
        note.digest = digest(note_document(note))
        note.save()
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="clinical.note_signed",
            subject=subject(note.patient_id),
            object=Ref("note", note.pk),
            digests={
                "note": note.digest,
                "revision": note.revision,
                "model": note.model_digest,
                "encounter": str(note.encounter_id),
            },
        )
    return note


def add_addendum(principal: Principal, encounter_id: UUID, text: str, *, proved_at: datetime | None) -> NoteAddendum:
    """Add to a signed note, and sign what was added.

    Raises:
        NotYoursToSignError, NotProvedError: as ``sign_note``.
        NoNoteError: there is no note.
        NoteError: it is not signed yet, or the text is empty or too long.
    """
    text = text.replace("\r\n", "\n").strip()
    with acting_in(principal.organisation_id):
        note, _patient, purpose = lock_note(principal, encounter_id)
        _require_signer(principal, purpose)
        if note.state not in SIGNED:
            raise NoteError(_("This note is not signed yet: change it instead of adding to it."))
        if not text:
            raise NoteError(_("An addendum needs words."))
        if len(text) > LONGEST_ADDENDUM:
            raise NoteError(_("The addendum is too long: 10,000 letters fit."))
        _require_proof(Confirmed(proved_at=proved_at))
        addendum = NoteAddendum(
            organisation_id=principal.organisation_id,
            patient_id=note.patient_id,
            note=note,
            text=text,
            signed_by_id=principal.id,
        )
        addendum.digest = digest(addendum_document(addendum))
        addendum.save(force_insert=True)
        note.state = Note.State.AMENDED
        note.save(update_fields=["state"])
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="clinical.note_amended",
            subject=subject(note.patient_id),
            object=Ref("note", note.pk),
            digests={"note": note.digest, "addendum": addendum.digest},
        )
    return addendum


def _require_signer(principal: Principal, purpose: str) -> None:
    if not is_clinician(principal) or purpose:
        raise NotYoursToSignError(
            _("Notes are signed by clinicians of the care team. Ask to be taken into it, or leave the draft to them.")
        )


def _require_revision(note: Note, revision: int) -> None:
    if note.revision != revision:
        raise NoteConflictError(
            _("The note was changed since you opened this page. Read it again as it is now."),
            others={},
            saved_by=note.saved_by_id,
        )


def _require_opened(note: Note) -> None:
    left = unopened(sections_of(note.sections), note.opened)
    if left:
        raise UnopenedError(
            ngettext(
                "%(count)s marked sentence was not opened beside its source. Open it first.",
                "%(count)s marked sentences were not opened beside their sources. Open them first.",
                len(left),
            )
            % {"count": len(left)},
            keys=[one.key for one in left],
        )


def _require_proof(confirmed: Confirmed) -> None:
    if not confirmed.is_proved:
        raise NotProvedError(_("Your sign-in is some time ago: say again who you are, then sign."))
