"""What notes are refused with."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tutor.marking.errors import MarkingError


class BadSpanError(MarkingError):
    """The passage does not lie in the answer."""

    code = "bad_span"

    def __init__(self) -> None:
        super().__init__(_("Choose words of the answer for the note."))


class EmptyNoteError(MarkingError):
    """There are no words."""

    code = "empty_note"

    def __init__(self) -> None:
        super().__init__(_("Write the note first."))


class NoteShownError(MarkingError):
    """The learner sees the note already."""

    code = "note_shown"

    def __init__(self) -> None:
        super().__init__(_("The learner sees this note. Take the release back first, or add another note."))
