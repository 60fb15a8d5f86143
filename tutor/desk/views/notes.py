"""What surrounds a mark: notes on passages, the comment bank, drafts of feedback, and whose work it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk.place import place_in
from tutor.desk.views.refusals import known_only, refused_as_json, say_and_go, wants_json
from tutor.marking import queries, services
from tutor.marking.access import answer_for, question_for
from tutor.marking.errors import BadSpanError, MarkingError
from tutor.models import Annotation
from tutor.permissions import READERS

COMMENTS_BESIDE = 12
PAGE = 50
LONGEST_PLACE = 8


def _desk_address(request: MemberRequest, answer_id: UUID, question_id: UUID, *, extra: str = "") -> str:
    place = place_in(request, question_id, request.POST)
    address = reverse("tutor:desk_answer", args=[request.organisation.slug, answer_id])
    return f"{address}?{place.query}{extra}"


@require_POST
@member_view(*READERS)
@known_only
def annotate(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Pin a note to the passage "start-end" of the answer."""
    found = answer_for(request.principal, answer_id)
    refusal: MarkingError | None = None
    try:
        start, end = _span(request.POST.get("span", ""))
        services.annotate(
            request.principal,
            answer_id,
            start=start,
            end=end,
            text=request.POST.get("text", "").strip()[:2_000],
            expected_digest=request.POST.get("digest", ""),
        )
    except MarkingError as error:
        refusal = error
    return _done(request, refusal, to=_desk_address(request, answer_id, found.question_id))


@require_POST
@member_view(*READERS)
@known_only
def remove_annotation(request: MemberRequest, annotation_id: UUID) -> HttpResponse:
    found = Annotation.objects.for_organisation(request.organisation).filter(pk=annotation_id).first()
    if found is None:
        return HttpResponse(status=404)
    answer = answer_for(request.principal, found.answer_id)
    refusal: MarkingError | None = None
    try:
        services.remove_annotation(request.principal, annotation_id)
    except MarkingError as error:
        refusal = error
    return _done(request, refusal, to=_desk_address(request, answer.pk, answer.question_id))


@require_POST
@member_view(*READERS)
@known_only
def reveal(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Show this marker whose work it is, for a reason that is kept."""
    found = answer_for(request.principal, answer_id)
    refusal: MarkingError | None = None
    try:
        services.reveal(request.principal, found.submission_id, reason=request.POST.get("reason", ""))
    except MarkingError as error:
        refusal = error
    return _done(request, refusal, to=_desk_address(request, answer_id, found.question_id))


@require_POST
@member_view(*READERS)
@known_only
def draft(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Draft feedback for the answer; nothing is kept as feedback before the marker does."""
    found = answer_for(request.principal, answer_id)
    try:
        text = services.draft_feedback(request.principal, answer_id)
    except MarkingError as error:
        if wants_json(request):
            return refused_as_json(error)
        return say_and_go(request, error, to=_desk_address(request, answer_id, found.question_id))
    if wants_json(request):
        return JsonResponse({"text": text})
    return say_and_go(request, None, to=_desk_address(request, answer_id, found.question_id, extra="&draft=use"))


@require_POST
@member_view(*READERS)
@known_only
def draft_class(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Draft feedback for every answer to the question that has a mark and no words yet."""
    question = question_for(request.principal, question_id)
    refusal: MarkingError | None = None
    try:
        services.draft_for_class(request.principal, question_id)
    except MarkingError as error:
        refusal = error
    address = reverse("tutor:marking_assignment", args=[request.organisation.slug, question.assignment_id])
    return say_and_go(request, refusal, done=_("Drafts of feedback are being written."), to=address)


@require_safe
@member_view(*READERS)
@known_only
def comments(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Show the comment bank of a question: beside an answer the most used, as a page all."""
    question = question_for(request.principal, question_id)
    found = queries.suggested_comments(request.principal, question_id, criterion=request.GET.get("criterion", ""))
    context: dict[str, Any] = {"question": question, "comments": found[:COMMENTS_BESIDE]}
    if request.headers.get("HX-Request") == "true":
        return render(request, "tutor/desk/comment_list.html", context)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "tutor/desk/comments.html", {**context, "comments": page.object_list, "page": page})


@require_http_methods(["POST"])
@member_view(*READERS)
@known_only
def add_comment(request: MemberRequest, question_id: UUID) -> HttpResponse:
    question = question_for(request.principal, question_id)
    refusal: MarkingError | None = None
    try:
        services.add_comment(
            request.principal,
            question.assignment.course_id,
            text=request.POST.get("text", ""),
            question_id=question_id,
            criterion=request.POST.get("criterion", ""),
        )
    except MarkingError as error:
        refusal = error
    address = reverse("tutor:desk_comments", args=[request.organisation.slug, question_id])
    return _done(request, refusal, done=_("The comment is in the bank."), to=address)


@require_POST
@member_view(*READERS)
@known_only
def use_comment(request: MemberRequest, comment_id: UUID) -> HttpResponse:
    """Count that a comment was used, so that it is offered sooner."""
    services.use_comment(request.principal, comment_id)
    return HttpResponse(status=204)


@require_POST
@member_view(*READERS)
@known_only
def remove_comment(request: MemberRequest, comment_id: UUID) -> HttpResponse:
    refusal: MarkingError | None = None
    try:
        services.remove_comment(request.principal, comment_id)
    except MarkingError as error:
        refusal = error
    address = reverse("tutor:marking", args=[request.organisation.slug])
    return say_and_go(request, refusal, done=_("The comment was removed."), to=address)


def _done(request: MemberRequest, refusal: MarkingError | None, *, to: str, done: str = "") -> HttpResponse:
    if wants_json(request):
        return refused_as_json(refusal) if refusal else JsonResponse({"message": done})
    return say_and_go(request, refusal, done=done, to=to)


def _span(text: str) -> tuple[int, int]:
    start, _dash, end = text.partition("-")
    places = (start, end)
    # Longer numbers are no places in any answer, and too large for the database.
    if not all(one.isascii() and one.isdecimal() and len(one) <= LONGEST_PLACE for one in places):
        raise BadSpanError
    return int(start), int(end)
