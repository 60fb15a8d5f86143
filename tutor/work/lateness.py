"""When work closes and what lateness costs: the one place that says so, for learners, markers and gradebooks.

What counts is when the work was last changed, not when a button was pressed: a text that was complete in time and was
only handed in later, by its learner or at the close, is in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

DAY_SECONDS: Final = 86_400
CENT: Final = Decimal("0.01")
ON_ITS_WAY: Final = timedelta(minutes=1)
"""After the close, what was typed before it may still arrive."""


@dataclass(frozen=True, slots=True)
class LatePolicy:
    """The rules of one piece of work for one learner; ``due_at`` is theirs, extension included."""

    due_at: datetime | None
    percent_per_day: int = 0
    days_allowed: int = 0
    grace: timedelta = timedelta()

    @property
    def closes_at(self) -> datetime | None:
        """Return when nothing more is taken; None for work without a deadline."""
        return self.due_at and self.due_at + timedelta(days=self.days_allowed) + self.grace

    def is_closed(self, now: datetime) -> bool:
        return self.closes_at is not None and now > self.closes_at + ON_ITS_WAY

    def late_seconds(self, changed_at: datetime) -> int:
        """Return the seconds between the deadline and the last change; 0 in time or within the grace."""
        if self.due_at is None or changed_at <= self.due_at + self.grace:
            return 0
        return int((changed_at - self.due_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Deduction:
    """What lateness takes: begun days, per cent of the points reached, the points taken and those left."""

    days: int
    percent: int
    taken: Decimal
    left: Decimal


def deduct(points: Decimal, *, late_seconds: int, percent_per_day: int) -> Deduction:
    """Return the late deduction on points that were reached.

    Each begun day takes ``percent_per_day`` per cent of the points reached, never more than all of them; points are
    rounded half up to hundredths.
    """
    days = -(-late_seconds // DAY_SECONDS)
    percent = min(100, days * percent_per_day)
    left = (points * (100 - percent) / 100).quantize(CENT, ROUND_HALF_UP)
    return Deduction(days, percent, points - left, left)
