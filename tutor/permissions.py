"""Who may enter, and who may do what in a course."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet

from llmasos.accounts.principals import PROGRAMS, Principal
from tutor.models import Course, CourseStaff, Guardian, Learner

READERS = ("administrator", "teacher")
STAFF = ("administrator", "teacher")
"""Roles in the organisation that may be staff of a course; who is, the course says."""
LEARNERS = ("student",)
GUARDIANS = ("guardian",)
SCOPE = "tutor"
MARKS_SCOPE = "marks"
"""Of keys that bring in marks which people gave elsewhere, beside ``SCOPE``."""

TEACHER = CourseStaff.Role.TEACHER
ASSISTANT = CourseStaff.Role.ASSISTANT
SECOND_MARKER = CourseStaff.Role.SECOND_MARKER
MARKERS = (TEACHER, ASSISTANT, SECOND_MARKER)


def courses_of(principal: Principal, *roles: str) -> QuerySet[Course]:
    """Return the courses in which the principal is staff (in one of ``roles``, any if none are given).

    Administrators of the organisation, keys with the scope "tutor" and the system reach every course as teachers do.
    """
    courses = Course.objects.for_organisation(principal.organisation_id)
    if principal.kind == "system" or principal.has_role("administrator"):
        return courses
    if principal.kind in PROGRAMS:
        return courses if SCOPE in principal.scopes else courses.none()
    if principal.kind != "person" or principal.id is None or not principal.has_role(*STAFF):
        return courses.none()
    parts = CourseStaff.objects.for_organisation(principal.organisation_id).filter(
        course=OuterRef("pk"), person_id=principal.id
    )
    if roles:
        parts = parts.filter(role__in=roles)
    return courses.filter(Exists(parts))


def may_add_courses(principal: Principal) -> bool:
    """Whether the principal makes courses: teachers, administrators, keys with the scope "tutor" and the system."""
    if principal.kind in PROGRAMS:
        return SCOPE in principal.scopes
    return principal.kind == "system" or principal.has_role(*STAFF)


def course_for(principal: Principal, course_id: UUID, *roles: str) -> Course:
    """Return a course in which the principal is staff in one of ``roles``.

    Raises:
        Course.DoesNotExist: there is none that the principal may know of.
        PermissionDenied: the principal is staff of it, in another role.
    """
    course = courses_of(principal, *roles).filter(pk=course_id).first()
    if course is not None:
        return course
    courses_of(principal).get(pk=course_id)
    raise PermissionDenied("this needs another role in the course")


def learner_of(principal: Principal) -> Learner | None:
    """Return the learner that the signed-in person is in this organisation, or None."""
    if principal.kind != "person" or principal.id is None or not principal.has_role(*LEARNERS):
        return None
    return Learner.objects.for_organisation(principal.organisation_id).filter(person_id=principal.id).first()


def learners_of_guardian(principal: Principal) -> QuerySet[Learner]:
    """Return the learners whose released results the guardian may read, where their course allows it."""
    learners = Learner.objects.for_organisation(principal.organisation_id)
    if principal.kind != "person" or principal.id is None or not principal.has_role(*GUARDIANS):
        return learners.none()
    links = Guardian.objects.for_organisation(principal.organisation_id).filter(
        learner=OuterRef("pk"), person_id=principal.id
    )
    return learners.filter(
        Exists(links), Q(enrolments__course__guardians_may_read=True, enrolments__withdrawn_at=None)
    ).distinct()
