"""How many attempts a learner has, and whether one can begin now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tutor.models import Assignment, Extension, Submission
from tutor.work.access import policy_of
from tutor.work.errors import ClosedError, NoAttemptLeftError, NotOpenError, WorkError


def attempts_used(submissions: Sequence[Submission], extension: Extension | None) -> int:
    """Return how many attempts count.

    One that the deadline handed in does not count when more time was given afterwards: the learner may go on.
    """
    return sum(1 for one in submissions if one.submitted_at is not None and not _reopened(one, extension))


def obstacle(
    assignment: Assignment, submissions: Sequence[Submission], extension: Extension | None, *, now: datetime
) -> WorkError | None:
    """Return why no attempt can be begun or continued now, or None."""
    if assignment.opens_at is not None and now < assignment.opens_at:
        return NotOpenError(assignment.opens_at)
    if assignment.state != Assignment.State.PUBLISHED or policy_of(assignment, extension).is_closed(now):
        return ClosedError()
    is_open = any(one.state == Submission.State.OPEN for one in submissions)
    if not is_open and attempts_used(submissions, extension) >= assignment.attempts_allowed:
        return NoAttemptLeftError()
    return None


def _reopened(submission: Submission, extension: Extension | None) -> bool:
    return (
        extension is not None
        and submission.handed_in_by == Submission.HandedInBy.DEADLINE
        and submission.submitted_at is not None
        and extension.created_at > submission.submitted_at
    )
