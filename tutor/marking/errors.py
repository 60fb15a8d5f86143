"""What marking refuses with. Each message is for people and names nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tutor.marking.types import Incomplete


class MarkingError(Exception):
    """Something in marking was refused; ``code`` names it for programs."""

    code = "refused"


class PersonNeededError(PermissionDenied):
    """A program or the platform asked for what only a person decides."""

    def __init__(self) -> None:
        super().__init__(
            _("Marks, releases and words to a learner are decisions of people. Sign in and decide on the pages.")
        )


class MarksScopeError(PersonNeededError):
    """A program brings in marks without the scope for it."""

    def __init__(self) -> None:
        PermissionDenied.__init__(
            self, _("Marks that people gave elsewhere are brought in with a key that has the scope “marks” as well.")
        )


class NotFoundError(MarkingError, ObjectDoesNotExist):
    """There is no such row that the principal may know of."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__(_("There is nothing under this address."))


class AnswerChangedError(MarkingError):
    """The answer is not the one that was shown, or the learner has handed in another attempt since."""

    code = "answer_changed"

    def __init__(self) -> None:
        super().__init__(_("This answer is not the one that you were shown. Load it again."))


class MarkConflictError(MarkingError):
    """Somebody marked the answer meanwhile; ``current`` is that mark's id, None when it was withdrawn."""

    code = "mark_conflict"

    def __init__(self, current: UUID | None) -> None:
        super().__init__(_("The mark has changed since you opened this answer. Look at it again."))
        self.current = current


class LockedError(MarkingError):
    """Another marker has the answer open; ``who`` is their name."""

    code = "locked"

    def __init__(self, who: str) -> None:
        super().__init__(_("%(name)s has this answer open.") % {"name": who})
        self.who = who


class ReasonNeededError(MarkingError):
    """Overriding a proposal needs a reason code."""

    code = "reason_needed"

    def __init__(self) -> None:
        super().__init__(_("Say why the proposal is not right."))


class InvalidMarkError(MarkingError):
    """The levels or points do not fit the question and its rubric."""

    code = "invalid_mark"


class ReplayedDifferentlyError(MarkingError):
    """A client's id was used before, for another act."""

    code = "replayed_differently"

    def __init__(self) -> None:
        super().__init__(_("This request was made before with other values."))


class SameMarkerError(MarkingError):
    """The second pair of eyes must be somebody else's."""

    code = "same_marker"

    def __init__(self) -> None:
        super().__init__(_("Somebody else than the first marker has to do this."))


class NothingToModerateError(MarkingError):
    """There are no two marks that differ."""

    code = "nothing_to_moderate"

    def __init__(self) -> None:
        super().__init__(_("There are no two marks here that differ."))


class NoRubricError(MarkingError):
    """The question has neither a reference nor a criterion to propose by."""

    code = "no_rubric"

    def __init__(self) -> None:
        super().__init__(_("Give the question a reference answer or criteria first."))


class RunNotDoneError(MarkingError):
    """Only a run that is done can be applied."""

    code = "run_not_done"

    def __init__(self) -> None:
        super().__init__(_("This run has not finished."))


class IncompleteError(MarkingError):
    """Some submissions lack marks; ``incomplete`` says which and why, by submission."""

    code = "incomplete"

    def __init__(self, incomplete: Sequence[Incomplete]) -> None:
        super().__init__(_("%(count)d submissions are not marked to the end.") % {"count": len(incomplete)})
        self.incomplete = tuple(incomplete)


class RegradeClosedError(MarkingError):
    """The result is not released, the time to ask is over, or a request is open or was decided already."""

    code = "regrade_closed"


class LowersMarkError(MarkingError):
    """A regrade would lower the mark, which the marker has to say twice, with words for the learner."""

    code = "lowers_mark"

    def __init__(self) -> None:
        super().__init__(_("This lowers the mark. Confirm it, and tell the learner why."))


class PreviewChangedError(MarkingError):
    """What the act would do is not what the preview showed."""

    code = "preview_changed"

    def __init__(self) -> None:
        super().__init__(_("Something has changed since the preview. Look at it again."))


class NothingToDoError(MarkingError):
    """The act would mark nobody, or was undone already."""

    code = "nothing_to_do"

    def __init__(self) -> None:
        super().__init__(_("There is nothing left to do here."))


class DialChangedError(MarkingError):
    """The steps of the dial are not those that were shown."""

    code = "dial_changed"

    def __init__(self) -> None:
        super().__init__(_("Marks have come since you opened the dial. Look at it again."))
