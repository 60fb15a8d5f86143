"""Whose results somebody reads: their own, or a child's where the course allows it."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from llmasos.accounts.principals import Principal
from tutor.models import Enrolment, Submission
from tutor.permissions import learner_of, learners_of_guardian


def own_results(principal: Principal) -> QuerySet[Submission]:
    """Return what the signed-in learner has handed in."""
    submitted = _submitted(principal)
    learner = learner_of(principal)
    return submitted.none() if learner is None else submitted.filter(learner=learner)


def childrens_results(principal: Principal) -> QuerySet[Submission]:
    """Return what the guardian's learners handed in, in the courses that let guardians read and that they take."""
    places = Enrolment.objects.for_organisation(principal.organisation_id).filter(
        course=OuterRef("assignment__course"), learner=OuterRef("learner"), withdrawn_at=None
    )
    return _submitted(principal).filter(
        Exists(places),
        learner__in=learners_of_guardian(principal),
        assignment__course__guardians_may_read=True,
    )


def _submitted(principal: Principal) -> QuerySet[Submission]:
    return (
        Submission.objects.for_organisation(principal.organisation_id)
        .filter(state=Submission.State.SUBMITTED)
        .select_related("assignment__course")
    )
