"""The proof of a signed note: its words, their digests, and the log's entries about it, to be verified offline."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Final
from uuid import UUID

import rfc8785
from django.db.models import Max
from django.utils.translation import gettext as _

from clinical_assist.models import Note
from clinical_assist.notes.documents import addendum_document, note_document
from clinical_assist.notes.errors import NoteError
from clinical_assist.notes.services import SIGNED
from clinical_assist.record.access import encounter_for, subject
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.bundle import bundle_lines
from llmasos.audit.models import Checkpoint, Position
from llmasos.audit.reading import Selection
from llmasos.audit.services import record
from llmasos.audit.types import Ref

README, NOTE, PROOF = "README.txt", "note.json", "proof.jsonl"
ADDENDUM: Final = "addendum-{number}.json"
_SIGNATURES: Final = ("clinical.note_signed", "clinical.note_amended")


def note_proof(principal: Principal, encounter_id: UUID) -> bytes:
    """Return a zip archive with a signed note and its addenda, whose SHA-256 stand in the log, and the log's entries.

    The documents are in RFC 8785 form, so that their digests are taken of the files as they are; ``proof.jsonl`` is
    for ``llmasos-verify``. That it was handed out is recorded.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError: as ``encounter_for``.
        NoteError: the note is not signed, or its signature is not under a signed checkpoint yet.
    """
    of = principal.organisation_id
    with acting_in(of):
        encounter, _patient, purpose = encounter_for(principal, encounter_id)
        note = Note.objects.for_organisation(of).filter(encounter=encounter, state__in=SIGNED).first()
        if note is None:
            raise NoteError(_("Only a signed note has a proof."))
        size = Checkpoint.objects.filter(organisation_id=of).aggregate(size=Max("size"))["size"] or 0
        about = Position.objects.filter(
            organisation_id=of, seq__lte=size, entry__object_kind="note", entry__object_id=note.pk
        )
        entries = list(about.select_related("entry").order_by("seq"))
        addenda = list(note.addenda.select_related("note"))
        signatures = [one for one in entries if one.entry.action in _SIGNATURES and one.entry.outcome == "success"]
        if len(signatures) < 1 + len(addenda):
            raise NoteError(_("The signature is under the next signed checkpoint, within about a minute."))
        files = {NOTE: rfc8785.dumps(note_document(note))}
        for number, one in enumerate(addenda, 1):
            files[ADDENDUM.format(number=number)] = rfc8785.dumps(addendum_document(one))
        record(
            organisation_id=of,
            actor=principal.actor,
            action="clinical.note_proved",
            subject=subject(note.patient_id),
            object=Ref("note", note.pk),
            purpose=purpose,
            digests={
                "files": [hashlib.sha256(content).hexdigest() for content in files.values()],
                "entries": len(entries),
                "size": size,
            },
        )
        selection = Selection(to_seq=size, entry_ids=tuple(one.entry_id for one in entries))
        files[PROOF] = "".join(f"{line}\n" for line in bundle_lines(of, selection)).encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(README, f"{_explanation()}\n")
        for name, part in files.items():
            archive.writestr(name, part)
    return content.getvalue()


def _explanation() -> str:
    return _(
        "note.json and addendum-*.json hold the words: the SHA-256 of each file stands in the log's entry of its"
        " signature. proof.jsonl holds these entries under a signed checkpoint. Check all of it with `llmasos-verify"
        " FILE --key KEY`, where FILE is this ZIP file and KEY the installation's verifier key, had from elsewhere."
        " Pass the words on only to who may read them."
    )
