"""What there is to mark: the list of assignments, and one assignment's questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.accounts.principals import Principal
from tutor.desk import queries as desk_queries
from tutor.desk import wording
from tutor.desk.entered import uuid_or_none
from tutor.desk.views.refusals import say_and_go
from tutor.feedback.queries import Wording, drafts_job, wording_of
from tutor.marking import queries, services
from tutor.marking.access import DECIDERS, assignment_for, marks_blind
from tutor.marking.errors import MarkingError
from tutor.marking.types import Progress, RunView
from tutor.models import Assignment, MarkingJob, Question
from tutor.permissions import READERS, courses_of
from tutor.refusals import known_only

PAGE = 25


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question of an assignment with how far its marking is.

    ``counts`` are of its queues. ``run`` is the latest run, ``waiting`` the same when it is done and nobody has applied
    it. ``drafts`` is the latest job that drafts feedback, ``wording`` how often the model's words passed the check.
    """

    question: Question
    counts: Mapping[str, int]
    progress: Progress
    left: str
    run: RunView | None
    waiting: RunView | None
    failure: str
    drafts: MarkingJob | None
    wording: Wording

    @property
    def busy(self) -> bool:
        return any(one is not None and one.state in {"queued", "running"} for one in (self.run, self.drafts))


@require_safe
@member_view(*READERS)
def marking(request: MemberRequest) -> HttpResponse:
    """List the assignments with what is left to mark."""
    page = Paginator(desk_queries.assignments_to_mark(request.principal), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": desk_queries.with_counts(request.principal, list(page.object_list)),
        "regrades": desk_queries.open_regrades(request.principal),
    }
    return render(request, "tutor/desk/marking.html", context)


@require_safe
@member_view(*READERS)
@known_only
def assignment(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Show one assignment's questions; while work is under way the page asks for this part of itself again."""
    found = assignment_for(request.principal, assignment_id)
    rows = [question_row(request.principal, one) for one in _questions(found)]
    context = {
        "assignment": found,
        "rows": rows,
        "busy": any(row.busy for row in rows),
        "blind": marks_blind(request.principal, found.course_id),
        "decides": decides(request.principal, found.course_id),
    }
    part = request.headers.get("HX-Request") == "true"
    template = "tutor/desk/assignment_rows.html" if part else "tutor/desk/assignment.html"
    return render(request, template, context)


def question_row(principal: Principal, question: Question) -> QuestionRow:
    state = queries.question_queue(principal, question.pk)
    runs = queries.runs(principal, question.pk)
    latest = runs[0] if runs else None
    return QuestionRow(
        question=question,
        counts=state.counts,
        progress=state.progress,
        left=wording.of_time_left(state.progress.left),
        run=latest,
        waiting=latest if latest and latest.waiting else None,
        failure=wording.of_failure(latest.error_code) if latest and latest.state == "failed" else "",
        drafts=drafts_job(question),
        wording=wording_of(question),
    )


def decides(principal: Principal, course_id: UUID) -> bool:
    """Whether the principal moderates, releases and applies runs in the course."""
    return courses_of(principal, *DECIDERS).filter(pk=course_id).exists()


@require_POST
@member_view(*READERS)
@known_only
def ask_proposals(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Ask for proposals for one question, or for all that have something to propose by."""
    found = assignment_for(request.principal, assignment_id)
    chosen = uuid_or_none(request.POST.get("question", ""))
    asked, refusal = 0, None
    for one in _questions(found):
        if chosen in {None, one.pk}:
            try:
                services.request_proposals(request.principal, one.pk)
                asked += 1
            except MarkingError as error:
                refusal = error
    address = reverse("tutor:marking_assignment", args=[request.organisation.slug, found.pk])
    said = _("Proposals are being made. This page shows how far they are.")
    return say_and_go(request, refusal if not asked else None, done=said, to=address)


def _questions(assignment: Assignment) -> list[Question]:
    return list(
        Question.objects.for_organisation(assignment.organisation_id)
        .filter(assignment=assignment)
        .select_related("rubric")
        .order_by("position", "created_at")
    )
