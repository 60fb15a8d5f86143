"""Similar answers between learners, under pseudonyms."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk import wording
from tutor.desk.views.refusals import say_and_go
from tutor.marking.access import FIRST_MARKERS, question_for
from tutor.models import MarkingJob
from tutor.permissions import READERS
from tutor.quality import similar, similar_pairs
from tutor.quality.similar_work import MOST_PAIRS
from tutor.refusals import known_only

PAGE = 50


@require_safe
@member_view(*READERS)
@known_only
def similar_answers(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """List the pairs found last; while they are looked for the page asks for this part of itself again."""
    question = question_for(request.principal, question_id, *FIRST_MARKERS)
    job = similar_pairs.latest_job(request.principal, question_id, MarkingJob.Kind.SIMILAR)
    found = similar_pairs.pairs(request.principal, question_id)
    context = {
        "question": question,
        "job": job,
        "busy": bool(job and job.state in {"queued", "running"}),
        "failure": wording.of_failure(job.error_code) if job and job.state == "failed" else "",
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "most": MOST_PAIRS,
        "run": similar.RUN,
        "least_words": similar.LEAST_WORDS,
        "least_share": similar.LEAST_SHARE,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "tutor/quality/similar_list.html" if part else "tutor/quality/similar.html", context)


@require_POST
@member_view(*READERS)
@known_only
def look(request: MemberRequest, question_id: UUID) -> HttpResponse:
    similar_pairs.look_for_similar(request.principal, question_id)
    return say_and_go(request, None, to=reverse("tutor:quality_similar", args=[request.organisation.slug, question_id]))


@require_safe
@member_view(*READERS)
@known_only
def pair(request: MemberRequest, pair_id: UUID) -> HttpResponse:
    """Show both answers of a pair with what they share."""
    found = similar_pairs.open_pair(request.principal, pair_id)
    return render(request, "tutor/quality/pair.html", {"question": found.question, "found": found})
