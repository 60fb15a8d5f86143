"""Fairness of an assignment or a course: agreement and marks over groups."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.marking.access import DECIDERS, assignment_for
from tutor.models import Assignment, Course
from tutor.permissions import READERS, TEACHER, course_for
from tutor.quality import fairness_pages, figures, tables
from tutor.quality.fairness_pages import FairnessView
from tutor.refusals import known_only


@require_safe
@member_view(*READERS)
@known_only
def assignment(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    found = assignment_for(request.principal, assignment_id, *DECIDERS)
    seen = fairness_pages.of_assignment(request.principal, found, unseen_only=_unseen_only(request))
    return _page(request, seen, course=found.course, assignment=found)


@require_safe
@member_view(*READERS)
@known_only
def course(request: MemberRequest, course_id: UUID) -> HttpResponse:
    found = course_for(request.principal, course_id, TEACHER)
    seen = fairness_pages.of_course(request.principal, found, unseen_only=_unseen_only(request))
    return _page(request, seen, course=found)


def _unseen_only(request: MemberRequest) -> bool:
    return request.GET.get("marks") == "unseen"


def _page(
    request: MemberRequest, seen: FairnessView, *, course: Course, assignment: Assignment | None = None
) -> HttpResponse:
    """Show the comparisons, or hand them out as a table with ``?as=csv``."""
    if request.GET.get("as") == "csv":
        return tables.download(tables.of_fairness(seen), "fairness")
    context = {
        "course": course,
        "assignment": assignment,
        "seen": seen,
        "unseen_only": _unseen_only(request),
        "parts": [
            ("groups", _("The school’s groups"), seen.groups),
            ("languages", _("Language of the answer"), seen.languages),
            ("lengths", _("Length of the answer"), seen.lengths),
        ],
        "fewest": figures.FEWEST,
        "texts_read": fairness_pages.TEXTS_READ,
    }
    return render(request, "tutor/quality/fairness.html", context)
