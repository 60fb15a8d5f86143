"""What tricks would gain on a question."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk import wording
from tutor.desk.views.refusals import say_and_go
from tutor.marking.access import FIRST_MARKERS, question_for
from tutor.marking.errors import MarkingError
from tutor.models import MarkingJob, Question
from tutor.permissions import READERS
from tutor.quality import robustness
from tutor.quality.similar_pairs import latest_job
from tutor.refusals import known_only

SHOWN = 10


@require_safe
@member_view(*READERS)
@known_only
def tricks(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Show the latest check and how the ones before it came out; while one is under way the page asks again."""
    question = question_for(request.principal, question_id, *FIRST_MARKERS)
    job = latest_job(request.principal, question_id, MarkingJob.Kind.ROBUSTNESS)
    found = robustness.checks(request.principal, question_id)
    context = {
        "question": question,
        "job": job,
        "busy": bool(job and job.state in {"queued", "running"}),
        "failure": wording.of_failure(job.error_code) if job and job.state == "failed" else "",
        "latest": found[0] if found else None,
        "earlier": found[1:SHOWN],
        "by_rule": question.kind in {Question.Kind.CHOICE, Question.Kind.NUMERIC},
        "border": robustness.WORTH_ACTING,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "tutor/quality/tricks_list.html" if part else "tutor/quality/tricks.html", context)


@require_POST
@member_view(*READERS)
@known_only
def check(request: MemberRequest, question_id: UUID) -> HttpResponse:
    refusal: MarkingError | None = None
    try:
        robustness.ask_for_check(request.principal, question_id)
    except MarkingError as error:
        refusal = error
    return say_and_go(
        request, refusal, to=reverse("tutor:quality_tricks", args=[request.organisation.slug, question_id])
    )
