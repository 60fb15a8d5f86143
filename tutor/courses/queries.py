"""Reads of courses. A page of a roster is recorded, because it shows learners' names."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.vault.blind import found_by
from tutor.models import Assignment, Course, CourseStaff, Enrolment, Learner
from tutor.permissions import ASSISTANT, TEACHER, course_for, courses_of


def courses(principal: Principal, *, archived: bool = False) -> QuerySet[Course]:
    """Return the principal's courses with ``learners`` and ``works``, how many of each they have."""
    return (
        courses_of(principal)
        .filter(archived_at__isnull=not archived)
        .annotate(
            learners=Count("enrolments", filter=Q(enrolments__withdrawn_at=None), distinct=True),
            works=Count("assignments", distinct=True),
        )
        .order_by("name", "created_at")
    )


def staff_of(course: Course) -> list[CourseStaff]:
    staff = CourseStaff.objects.for_organisation(course.organisation_id).filter(course=course)
    return list(staff.select_related("person").order_by("person__name"))


def assignments_of(course: Course) -> QuerySet[Assignment]:
    """Return the assignments of a course with ``asked`` questions and ``handed_in`` submissions."""
    return (
        Assignment.objects.for_organisation(course.organisation_id)
        .filter(course=course)
        .annotate(
            asked=Count("questions", distinct=True),
            handed_in=Count("submissions", filter=Q(submissions__state="submitted"), distinct=True),
        )
        .order_by("-created_at")
    )


@dataclass(frozen=True, slots=True)
class RosterPage:
    """Some lines of a course's list, in the order of enrolling, and how many there are."""

    enrolments: tuple[Enrolment, ...]
    total: int


def roster(principal: Principal, course_id: UUID, *, search: str = "", start: int = 0, size: int = 50) -> RosterPage:
    """Return a page of who is in the course, or of those whose name, number or address is searched for.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``.
    """
    course = course_for(principal, course_id, TEACHER, ASSISTANT)
    found = Enrolment.objects.for_organisation(principal.organisation_id).filter(course=course, withdrawn_at=None)
    if search:
        of = principal.organisation_id
        matching = found_by(Learner, "name_index", organisation_id=of, text=search) | found_by(
            Learner, "identifier_index", organisation_id=of, text=search
        )
        found = found.filter(learner__in=Learner.objects.for_organisation(of).filter(matching))
    total = found.count()
    page = tuple(
        found.select_related("learner")
        .prefetch_related("learner__guardians__person")
        .order_by("enrolled_at", "pk")[start : start + size]
    )
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.roster_read",
        object=Ref("course", course.pk),
        digests={"count": len(page), "searched": bool(search)},
    )
    return RosterPage(page, total)
