"""A note and its addenda as documents in one written form (RFC 8785), of which their digests are taken."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

import rfc8785

from clinical_assist.models import Note, NoteAddendum
from clinical_assist.notes.sections import NAMES, sections_of
from llmasos.audit.canonical import written_time

VERSION: Final = 1
Document = dict[str, Any]


def note_document(note: Note) -> Document:
    """Return what a signed note says and what each sentence stands on. Sentences that were left out are not in it."""
    sections = sections_of(note.sections)
    return {
        "format": "llmasos-note",
        "version": VERSION,
        "organisation": str(note.organisation_id),
        "patient": str(note.patient_id),
        "encounter": str(note.encounter_id),
        "note": str(note.pk),
        "revision": note.revision,
        "sections": {
            name: [
                {
                    "text": one.text,
                    "origin": one.origin.value,
                    "sources": [
                        {"kind": source.kind, "id": source.id, "on": source.on, "text": source.text}
                        for source in one.sources
                    ],
                }
                for one in sections[name]
                if one.text
            ]
            for name in NAMES
        },
        "pasted": note.pasted,
        "opened": sorted(note.opened),
        "model": note.model_digest,
        "signed_at": written_time(note.signed_at) if note.signed_at else "",
    }


def addendum_document(addendum: NoteAddendum) -> Document:
    """Return what an addendum says, bound to the note that it belongs to."""
    return {
        "format": "llmasos-note-addendum",
        "version": VERSION,
        "addendum": str(addendum.pk),
        "note": str(addendum.note_id),
        "note_digest": addendum.note.digest,
        "text": addendum.text,
        "signed_at": written_time(addendum.signed_at),
    }


def digest(document: Document) -> str:
    """Return the SHA-256 of a document's canonical form."""
    return sha256(rfc8785.dumps(document)).hexdigest()
