"""What the services of plans refuse with. Each message is for people and names nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from clinical_assist.plans.checking import LineAlert


class PlanError(Exception):
    """Something with a plan was refused; nothing was changed."""


class NoDraftError(PlanError):
    """There is no draft: it was signed or discarded, or never made."""


class UnclearError(PlanError):
    """An order cannot be read without guessing.

    ``questions`` are what has to be answered, ``meant`` the orders that may have been meant.
    """

    def __init__(self, questions: Sequence[str], meant: Sequence[str] = ()) -> None:
        super().__init__(" ".join(questions))
        self.questions = tuple(questions)
        self.meant = tuple(meant)


class PlanConflictError(PlanError):
    """Somebody else changed the same line, or the plan, meanwhile.

    ``yours`` is what was sent and ``theirs`` what stands now, empty where it was removed; ``by`` is who wrote that.
    """

    def __init__(self, message: str, *, yours: str = "", theirs: str = "", by: UUID | None = None) -> None:
        super().__init__(message)
        self.yours = yours
        self.theirs = theirs
        self.by = by


class OpenAlertsError(PlanError):
    """Alerts of tier 1 or 2 are not answered. They were counted, and stand in ``alerts``."""

    def __init__(self, message: str, alerts: Sequence[LineAlert]) -> None:
        super().__init__(message)
        self.alerts = tuple(alerts)


class WrongPatientError(PlanError):
    """What was typed to confirm the patient is not the patient's."""


class NotProvedError(PlanError):
    """The signer's last proof of who they are is too old."""


class NotYoursToSignError(PlanError):
    """Plans are signed by clinicians of the care team; emergency access reads and drafts."""
