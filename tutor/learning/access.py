"""Whose learning somebody reads: their own in a course that they take, or that of learners in a course of theirs."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from llmasos.accounts.principals import Principal
from tutor.models import Course, Enrolment, Learner, LearningSettings
from tutor.permissions import ASSISTANT, TEACHER, course_for, courses_of, learner_of
from tutor.work.access import own_learner

STAFF_ROLES = (TEACHER, ASSISTANT)


def taken_courses(learner: Learner) -> QuerySet[Course]:
    """Return the courses that the learner takes now."""
    places = Enrolment.objects.for_organisation(learner.organisation_id).filter(
        course=OuterRef("pk"), learner=learner, withdrawn_at=None
    )
    return Course.objects.for_organisation(learner.organisation_id).filter(Exists(places), archived_at=None)


def own_course(principal: Principal, course_id: UUID) -> tuple[Learner, Course]:
    """Return the signed-in learner and a course of theirs. Raises PermissionDenied, ``Course.DoesNotExist``."""
    learner = own_learner(principal)
    return learner, taken_courses(learner).get(pk=course_id)


def learner_in(principal: Principal, course_id: UUID, learner_id: UUID, *roles: str) -> tuple[Course, Learner]:
    """Return a course of the principal's and a learner in it.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``.
        Learner.DoesNotExist: nobody of that id is in the course.
    """
    course = course_for(principal, course_id, *roles)
    learners = Learner.objects.for_organisation(principal.organisation_id)
    return course, learners.get(Q(enrolments__course=course, enrolments__withdrawn_at=None), pk=learner_id)


def readable_course(principal: Principal, course_id: UUID) -> Course:
    """Return a course that the principal takes or is staff of. Raises ``Course.DoesNotExist``."""
    learner = learner_of(principal)
    mine = taken_courses(learner).filter(pk=course_id).first() if learner is not None else None
    return mine if mine is not None else courses_of(principal).get(pk=course_id)


def settings_of(course: Course) -> LearningSettings:
    """Return what the course gives its learners; everything where nobody has decided."""
    kept = LearningSettings.objects.for_organisation(course.organisation_id).filter(course=course).first()
    return kept or LearningSettings(organisation_id=course.organisation_id, course=course)
