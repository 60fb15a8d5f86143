"""Reads of courses. A page of a roster is recorded, because it shows learners' names."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.vault.blind import found_by
from tutor.models import Assignment, Course, CourseStaff, Enrolment, Learner
from tutor.permissions import ASSISTANT, TEACHER, course_for, courses_of


def courses(principal: Principal, *, archived: bool | None = False, term_id: UUID | None = None) -> QuerySet[Course]:
    """Return the principal's courses with ``learners`` and ``works``, how many of each they have.

    Those in the archive, those that are not, or with None both. Those of the present term come first, then coming
    ones, courses without a term, and past terms.
    """
    found = courses_of(principal)
    if archived is not None:
        found = found.filter(archived_at__isnull=not archived)
    if term_id is not None:
        found = found.filter(term_id=term_id)
    today = timezone.localdate()
    when = Case(
        When(term__starts_on__lte=today, term__ends_on__gte=today, then=Value(0)),
        When(term__starts_on__gt=today, then=Value(1)),
        When(term=None, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return (
        found.select_related("term")
        .annotate(
            learners=Count("enrolments", filter=Q(enrolments__withdrawn_at=None), distinct=True),
            works=Count("assignments", distinct=True),
            when=when,
        )
        .order_by("when", "-term__starts_on", "term__name", "name", "created_at")
    )


def staff_of(course: Course) -> list[CourseStaff]:
    """Return the parts of people in a course, with the people."""
    staff = CourseStaff.objects.for_organisation(course.organisation_id).filter(course=course)
    return list(staff.select_related("person").order_by("person__name"))


def assignments_of(course: Course) -> QuerySet[Assignment]:
    """Return the assignments of a course with ``asked`` questions and how many learners have ``handed_in``."""
    return (
        Assignment.objects.for_organisation(course.organisation_id)
        .filter(course=course)
        .annotate(
            asked=Count("questions", distinct=True),
            handed_in=Count("submissions__learner", filter=Q(submissions__state="submitted"), distinct=True),
        )
        .order_by("-created_at")
    )


@dataclass(frozen=True, slots=True)
class RosterPage:
    """Some lines of a course's list, in the order of enrolling, and how many there are."""

    enrolments: tuple[Enrolment, ...]
    total: int


def enrolments(principal: Principal, course_id: UUID, *, search: str = "") -> QuerySet[Enrolment]:
    """Return who is in the course, or those whose name, number or address is searched for, in the order of enrolling.

    Whoever shows them records it with ``record_roster_read``.

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
    return found.select_related("learner").order_by("enrolled_at", "pk")


def roster(principal: Principal, course_id: UUID, *, search: str = "", start: int = 0, size: int = 50) -> RosterPage:
    """Return a page of ``enrolments``; the read is recorded. Raises as ``enrolments``."""
    found = enrolments(principal, course_id, search=search)
    page = tuple(found.prefetch_related("learner__guardians__person")[start : start + size])
    record_roster_read(principal, course_id, count=len(page), searched=bool(search))
    return RosterPage(page, found.count())


def record_roster_read(principal: Principal, course_id: UUID, *, count: int, searched: bool = False) -> None:
    """Write down that names of a course's learners were shown."""
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.roster_read",
        object=Ref("course", course_id),
        digests={"count": count, "searched": searched},
    )
