"""The comment bank as a page and beside an answer, and asking for drafts."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk.views.refusals import refused_as_json, say_and_go, wants_json
from tutor.feedback import bank, queries
from tutor.feedback.drafting import request_drafts, stop_drafts
from tutor.feedback.errors import NamesSomebodyError
from tutor.marking.access import FIRST_MARKERS, question_for
from tutor.marking.errors import MarkingError
from tutor.permissions import MARKERS, READERS
from tutor.refusals import known_only

PAGE = 50
MOST_FOUND = 500
"""A search shows what it found on one page."""
LONGEST_SEARCH = 100


@require_POST
@member_view(*READERS)
@known_only
def ask_drafts(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Ask for drafts of feedback for every answer to the question that has no words of a marker."""
    question = question_for(request.principal, question_id)
    request_drafts(request.principal, question_id)
    address = reverse("tutor:marking_assignment", args=[request.organisation.slug, question.assignment_id])
    said = _("Feedback is being drafted. Nobody sees it before a marker takes it.")
    return say_and_go(request, None, done=said, to=address)


@require_POST
@member_view(*READERS)
@known_only
def stop(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Stop the drafting for a question."""
    question = question_for(request.principal, question_id)
    stopped = stop_drafts(request.principal, question_id)
    address = reverse("tutor:marking_assignment", args=[request.organisation.slug, question.assignment_id])
    said = _("Drafting stops. What was drafted so far stays.") if stopped else _("Drafting had ended already.")
    return say_and_go(request, None, done=said, to=address)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def comments(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Show the bank of a question; POST keeps a comment, or with "find" searches: words stand in no address."""
    if request.method == "POST" and "find" not in request.POST:
        refusal: MarkingError | None = None
        try:
            bank.keep_comment(
                request.principal,
                question_id,
                text=_text(request),
                criterion=request.POST.get("criterion", ""),
                anyway=request.POST.get("anyway") == "1",
            )
        except MarkingError as error:
            refusal = error
        if wants_json(request):
            return refused_as_json(refusal) if refusal else JsonResponse({"message": _("The comment is in the bank.")})
        if refusal is not None:
            return _page(request, question_id, refusal=refusal, entered=_text(request))
        return say_and_go(request, None, done=_("The comment is in the bank."), to=request.path)
    return _page(request, question_id)


def _page(
    request: MemberRequest, question_id: UUID, *, refusal: MarkingError | None = None, entered: str = ""
) -> HttpResponse:
    question = question_for(request.principal, question_id, *FIRST_MARKERS)
    search = _searched(request) if "find" in request.POST else ""
    criteria = question.rubric.criteria if question.rubric is not None else []
    named = {one["id"]: one["text"] for one in criteria}
    found = Paginator(queries.comments_of(question, search=search), MOST_FOUND if search else PAGE)
    page = found.get_page(request.GET.get("page"))
    context = {
        "question": question,
        "page": page,
        "rows": [(one, named.get(one.criterion, "")) for one in page.object_list],
        "criteria": criteria,
        "search": search,
        "refusal": refusal,
        "entered": entered,
        "names": isinstance(refusal, NamesSomebodyError),
    }
    return render(request, "tutor/feedback/comments.html", context, status=422 if refusal else 200)


@require_POST
@member_view(*READERS)
@known_only
def comment(request: MemberRequest, comment_id: UUID) -> HttpResponse:
    """Write a comment anew, or with "remove" remove it."""
    found = bank.comment_for(request.principal, comment_id, *MARKERS)
    refusal: MarkingError | None = None
    removes = bool(request.POST.get("remove"))
    try:
        if removes:
            bank.remove_comment(request.principal, comment_id)
        else:
            anyway = request.POST.get("anyway") == "1"
            bank.change_comment(request.principal, comment_id, text=_text(request), anyway=anyway)
    except MarkingError as error:
        refusal = error
    done = _("The comment was removed.") if removes else _("The comment is in the bank.")
    fallback = reverse("tutor:marking", args=[request.organisation.slug])
    to = (
        reverse("tutor:comments", args=[request.organisation.slug, found.question_id])
        if found.question_id
        else fallback
    )
    return say_and_go(request, refusal, done=done, to=to)


@require_POST
@member_view(*READERS)
@known_only
def offered(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """List what to put into the feedback on an answer, for the desk; posted, so that no word is in an address."""
    search = _searched(request)
    found = queries.offers(request.principal, answer_id, search=search)
    response = render(request, "tutor/feedback/offers.html", {"offers": found, "search": search})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@member_view(*READERS)
@known_only
def use(request: MemberRequest, comment_id: UUID) -> HttpResponse:
    """Count that a comment was used."""
    bank.use_comment(request.principal, comment_id)
    return HttpResponse(status=204)


def _searched(request: MemberRequest) -> str:
    return request.POST.get("q", "").strip()[:LONGEST_SEARCH]


def _text(request: MemberRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n")
