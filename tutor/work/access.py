"""Which work a learner reaches: their own, in published assignments of courses in which they are."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet

from llmasos.accounts.principals import Principal
from tutor.models import Assignment, Enrolment, Extension, Learner, Question, Submission
from tutor.permissions import learner_of
from tutor.work.lateness import LatePolicy


def own_learner(principal: Principal) -> Learner:
    """Return the learner who is signed in. Raises ``PermissionDenied`` for everybody else."""
    learner = learner_of(principal)
    if learner is None:
        raise PermissionDenied("this is for learners")
    return learner


def visible_assignments(learner: Learner) -> QuerySet[Assignment]:
    """Return the assignments, published or closed, of the courses that the learner takes."""
    places = Enrolment.objects.for_organisation(learner.organisation_id).filter(
        course=OuterRef("course"), learner=learner, withdrawn_at=None
    )
    return (
        Assignment.objects.for_organisation(learner.organisation_id)
        .exclude(state=Assignment.State.DRAFT)
        .filter(Exists(places), course__archived_at=None)
    )


def own_submissions(learner: Learner) -> QuerySet[Submission]:
    """Return the learner's attempts; what they handed in stays theirs to read after the course."""
    return Submission.objects.for_organisation(learner.organisation_id).filter(learner=learner)


def extension_of(assignment: Assignment, learner_id: UUID) -> Extension | None:
    return (
        Extension.objects.for_organisation(assignment.organisation_id)
        .filter(assignment=assignment, learner_id=learner_id)
        .first()
    )


def policy_of(assignment: Assignment, extension: Extension | None) -> LatePolicy:
    """Return the rules of an assignment for one learner. An extension only ever gives more time."""
    due_at = assignment.due_at
    if due_at is not None and extension is not None:
        due_at = max(due_at, extension.due_at)
    return LatePolicy(
        due_at,
        percent_per_day=assignment.late_percent_per_day,
        days_allowed=assignment.late_days_allowed,
        grace=timedelta(minutes=assignment.late_grace_minutes),
    )


def questions_of(assignment: Assignment) -> list[Question]:
    """Return the questions in the order in which they are asked."""
    return list(Question.objects.for_organisation(assignment.organisation_id).filter(assignment=assignment))
