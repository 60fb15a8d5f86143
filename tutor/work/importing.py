"""Answers that a school has elsewhere, handed in for its learners by its staff or its programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from tutor.courses.enrolling import enrolled_learner
from tutor.models import Answer, Assignment, Submission
from tutor.permissions import TEACHER, course_for, courses_of
from tutor.work.access import questions_of
from tutor.work.digests import answer_digest
from tutor.work.errors import InvalidAnswerError
from tutor.work.services import checked, submit_for
from tutor.work.writing import Written


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What one learner answered elsewhere. ``learner`` is their id, their number or their address."""

    learner: UUID | str
    answers: Mapping[UUID, Written] = field(default_factory=dict)
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What stands for it now, frozen. Not ``is_new``: the same work had been imported before."""

    submission: Submission
    answers: tuple[Answer, ...]
    is_new: bool


def import_work(principal: Principal, assignment_id: UUID, works: Sequence[Elsewhere]) -> list[Imported]:
    """Hand in the work of several learners, in one transaction: all of it or nothing.

    The same answers of a learner again are the attempt that was imported before; others are one more attempt. Each
    new attempt is an entry of the log, as ``submit_for`` writes it.

    Raises:
        Assignment.DoesNotExist, Learner.DoesNotExist, PermissionDenied: only teachers import.
        CourseError: nobody in the course has a number or address, or the learner was taken out of it.
        InvalidAnswerError: an answer cannot be taken, or is to no question of the assignment ("question").
    """
    with acting_in(principal.organisation_id):
        assignment = Assignment.objects.for_organisation(principal.organisation_id).get(
            pk=assignment_id, course__in=courses_of(principal)
        )
        course_for(principal, assignment.course_id, TEACHER)
        return [_imported(principal, assignment, one) for one in works]


def _imported(principal: Principal, assignment: Assignment, work: Elsewhere) -> Imported:
    learner_id = (
        work.learner
        if isinstance(work.learner, UUID)
        else enrolled_learner(principal, assignment.course_id, work.learner).pk
    )
    before = _before(assignment, learner_id)
    if before is not None and _digests(before) == _wanted(assignment, work):
        return Imported(before, _answers(before), is_new=False)
    made = submit_for(principal, learner_id, assignment.pk, work.answers, submitted_at=work.submitted_at)
    return Imported(made, _answers(made), is_new=True)


def _before(assignment: Assignment, learner_id: UUID) -> Submission | None:
    """Return the learner's latest attempt if it was imported."""
    latest = (
        Submission.objects.for_organisation(assignment.organisation_id)
        .filter(assignment=assignment, learner_id=learner_id)
        .order_by("-attempt")
        .first()
    )
    return latest if latest is not None and latest.handed_in_by == Submission.HandedInBy.STAFF else None


def _answers(submission: Submission) -> tuple[Answer, ...]:
    found = Answer.objects.for_organisation(submission.organisation_id).filter(submission=submission)
    return tuple(found.order_by("question__position", "pk"))


def _digests(submission: Submission) -> dict[UUID, str]:
    return {one.question_id: one.digest for one in _answers(submission)}


def _wanted(assignment: Assignment, work: Elsewhere) -> dict[UUID, str]:
    questions = questions_of(assignment)
    if not work.answers.keys() <= {one.pk for one in questions}:
        raise InvalidAnswerError("question")
    written = {one.pk: checked(one, work.answers.get(one.pk, Written())) for one in questions}
    return {key: answer_digest(text=one.text, choices=one.choices) for key, one in written.items()}
