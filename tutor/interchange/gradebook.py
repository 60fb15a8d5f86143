"""Gradebook out: the released points of an assignment as other systems read them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Final, Literal
from uuid import UUID

from django.db.models import Sum

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.vault.services import with_keys
from tutor.interchange.writing import Cell, table_text
from tutor.marking.access import DECIDERS, assignment_for
from tutor.models import Assignment, Enrolment, Mark, Question, Release
from tutor.work.lateness import Deduction, deduct

Layout = Literal["common", "canvas", "moodle"]
LAYOUTS: Final[tuple[Layout, ...]] = ("common", "canvas", "moodle")


@dataclass(frozen=True, slots=True)
class GradebookRow:
    """A learner of the course with what is released to them; ``points`` after lateness, None without a release."""

    name: str
    number: str
    email: str
    section: str
    points: Decimal | None
    late_days: int
    released_at: str


def gradebook(principal: Principal, assignment_id: UUID, *, layout: Layout, decimal_comma: bool = False) -> str:
    """Return the released points of everybody in the course as CSV; the export is recorded.

    Points are what learners see: marks as they were released, less what lateness takes. Cells that a spreadsheet would
    run are neutralised.

    Raises:
        NotFoundError, PermissionDenied: only teachers of the course take names and points out.
    """
    with acting_in(principal.organisation_id):
        assignment = assignment_for(principal, assignment_id, *DECIDERS)
        questions = Question.objects.for_organisation(principal.organisation_id).filter(assignment=assignment)
        most = questions.aggregate(most=Sum("points"))["most"] or Decimal(0)
        rows = _rows(assignment)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.gradebook_exported",
            object=Ref("assignment", assignment.pk),
            digests={"layout": layout, "count": len(rows)},
        )
    header, cells = _laid_out(layout, assignment, rows, most)
    return table_text(header, cells, decimal_comma=decimal_comma)


def _laid_out(
    layout: Layout, assignment: Assignment, rows: list[GradebookRow], most: Decimal
) -> tuple[list[str], list[list[Cell]]]:
    if layout == "canvas":
        header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment.title]
        possible: list[Cell] = ["    Points Possible", "", "", "", "", most]
        body: list[list[Cell]] = [[one.name, "", one.number, one.email, one.section, one.points] for one in rows]
        return header, [possible, *body]
    if layout == "moodle":
        header = ["Full name", "ID number", "Email address", "Status", "Grade", "Maximum Grade"]
        return header, [
            [one.name, one.number, one.email, "Graded" if one.points is not None else "", one.points, most]
            for one in rows
        ]
    header = ["name", "number", "email", "section", "points", "maximum", "late days", "released"]
    return header, [
        [one.name, one.number, one.email, one.section, one.points, most, one.late_days, one.released_at] for one in rows
    ]


def released_points(assignment: Assignment) -> dict[UUID, tuple[Release, Deduction]]:
    """Return by learner what is released of an assignment, less what lateness takes. Inside ``acting_in``."""
    of = assignment.organisation_id
    releases = list(
        Release.objects.for_organisation(of)
        .filter(submission__assignment=assignment, withdrawn_at=None)
        .select_related("submission")
        .order_by("submission__attempt")
    )
    marks = Mark.objects.for_organisation(of).filter(pk__in=[key for one in releases for key in one.marks])
    points = dict(marks.values_list("pk", "points"))
    # A later attempt's release stands in place of an earlier one's.
    return {
        one.submission.learner_id: (
            one,
            deduct(
                sum((points.get(key, Decimal(0)) for key in one.marks), start=Decimal(0)),
                late_seconds=one.submission.late_seconds,
                percent_per_day=assignment.late_percent_per_day,
            ),
        )
        for one in releases
    }


def _rows(assignment: Assignment) -> list[GradebookRow]:
    released = released_points(assignment)
    rows = []
    places = Enrolment.objects.for_organisation(assignment.organisation_id).filter(
        course=assignment.course_id, withdrawn_at=None
    )
    enrolled = list(places.select_related("learner").order_by("enrolled_at", "pk"))
    of = assignment.organisation_id
    whose = attrgetter("learner_id")
    for place in with_keys(enrolled, organisation_id=of, subject_kind="learner", subject_of=whose):
        _opened = (place.learner.name, place.learner.number, place.learner.email)
    for place in enrolled:
        given, days, moment = None, 0, ""
        if place.learner_id in released:
            release, deduction = released[place.learner_id]
            given, days, moment = deduction.left, deduction.days, release.released_at.isoformat(timespec="minutes")
        learner = place.learner
        rows.append(GradebookRow(learner.name, learner.number, learner.email, place.section, given, days, moment))
    return rows
