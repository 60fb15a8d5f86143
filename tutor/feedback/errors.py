"""What the comment bank refuses with."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from tutor.marking.errors import MarkingError


class EmptyCommentError(MarkingError):
    """There are no words, or too many."""

    code = "empty_comment"

    def __init__(self) -> None:
        super().__init__(_("Write a comment of at most 2,000 characters."))


class NamesSomebodyError(MarkingError):
    """The comment holds words that are names in the class; said again, it is kept all the same."""

    code = "names_somebody"

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(
            _("The bank names nobody, and these are names in the class: %(words)s. Change them, or keep it anyway.")
            % {"words": ", ".join(words)}
        )
