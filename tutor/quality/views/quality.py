"""How far proposals and marks agree, question by question, and how the questions of an assignment work."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk.views.overview import decides
from tutor.permissions import READERS
from tutor.quality import charts, figures, reading, tables
from tutor.quality.reading import Compared
from tutor.refusals import known_only


@require_safe
@member_view(*READERS)
@known_only
def question(request: MemberRequest, question_id: UUID) -> HttpResponse:
    found = reading.question_quality(request.principal, question_id)
    context = {
        "question": found.gathered.question,
        "gathered": found.gathered,
        "sets": [
            (
                "independent",
                _("Marks given without seeing a proposal"),
                found.independent,
                _charts(found.independent),
            ),
            ("seen", _("Marks given after seeing the proposal"), found.seen, _charts(found.seen)),
        ],
        "people": found.people,
        "twice": len(found.gathered.twice),
        "overrides": found.overrides,
        "fewest": figures.FEWEST,
    }
    return render(request, "tutor/quality/question.html", context)


@require_safe
@member_view(*READERS)
@known_only
def question_csv(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Hand out the question's figures as a table."""
    return tables.download(tables.of_question(reading.question_quality(request.principal, question_id)), "quality")


@require_safe
@member_view(*READERS)
@known_only
def assignment(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    found, analysed = reading.assignment_quality(request.principal, assignment_id)
    context = {
        "assignment": found,
        "analysed": analysed,
        "choices": [item for item in analysed.items if item.options],
        "fewest": figures.FEWEST,
        "decides": decides(request.principal, found.course_id),
    }
    return render(request, "tutor/quality/assignment.html", context)


@require_safe
@member_view(*READERS)
@known_only
def assignment_csv(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Hand out the figures of the assignment's questions as a table."""
    _found, analysed = reading.assignment_quality(request.principal, assignment_id)
    return tables.download(tables.of_items(analysed), "items")


def _charts(compared: Compared) -> dict[str, charts.Chart]:
    agree = _("agree")
    return {
        "coverage": charts.coverage_chart(compared.coverage, across=_("share of the marked answers"), up=agree),
        "calibration": charts.calibration_chart(compared.bins, across=_("confidence"), up=agree),
        "weeks": charts.weeks_chart(compared.weeks, across=_("week"), up=agree),
    }
