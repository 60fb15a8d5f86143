"""What the note's services refuse with. Each message is for people and names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID


class NoteError(Exception):
    """Something with a note was refused; nothing was changed."""


class NoNoteError(NoteError):
    """There is no draft to work on: it was withdrawn, or never made."""


class SignedError(NoteError):
    """The note is signed: what comes later is an addendum."""


class NoteConflictError(NoteError):
    """Somebody else changed the same sentences meanwhile.

    ``others`` has what stands in the database, by the sentence's key; ``saved_by`` is who wrote it.
    """

    def __init__(self, message: str, *, others: Mapping[str, str], saved_by: UUID | None) -> None:
        super().__init__(message)
        self.others = others
        self.saved_by = saved_by


class UnopenedError(NoteError):
    """Sentences of the risky classes were not opened beside their sources. ``keys`` names them."""

    def __init__(self, message: str, *, keys: list[str]) -> None:
        super().__init__(message)
        self.keys = keys


class NotReviewedError(NoteError):
    """Only a reviewed note is signed."""


class RecordChangedError(NotReviewedError):
    """The record says something else than when the note was reviewed."""


class WrongPatientError(NoteError):
    """What was typed to confirm the patient is not the patient's."""


class NotProvedError(NoteError):
    """The signer's last proof of who they are is too old."""


class NotYoursToSignError(NoteError):
    """Notes are signed by clinicians of the care team; emergency access reads and drafts."""
