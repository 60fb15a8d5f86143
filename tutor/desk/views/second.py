"""The second pair of eyes: answers marked twice, and requests to look at a mark again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk import queries as desk_queries
from tutor.desk.entered import LONGEST_FEEDBACK, read_levels, uuid_or_none
from tutor.desk.place import Place
from tutor.desk.views.overview import decides
from tutor.desk.views.refusals import known_only, say_and_go
from tutor.marking import queries, services
from tutor.marking.access import DECIDERS, question_for
from tutor.marking.errors import MarkingError
from tutor.marking.types import RegradeView
from tutor.permissions import READERS

PAGE = 50
LONGEST_MESSAGE = 5_000


@require_safe
@member_view(*READERS)
@known_only
def moderation(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """List the answers of a question whose two marks differ."""
    question = question_for(request.principal, question_id, *DECIDERS)
    ids = queries.moderation_queue(request.principal, question_id)
    page = Paginator(ids, PAGE).get_page(request.GET.get("page"))
    context = {
        "question": question,
        "page": page,
        "pairs": desk_queries.mark_pairs(request.principal, list(page.object_list)),
        "progress": queries.progress(request.principal, question_id),
        "place": Place(kind="final"),
    }
    return render(request, "tutor/desk/moderation.html", context)


@require_safe
@member_view(*READERS)
def regrades(request: MemberRequest) -> HttpResponse:
    """List requests to look at a mark again, the oldest first."""
    state = "all" if request.GET.get("state") == "all" else "open"
    found = queries.regrades(request.principal, state=state)
    mine = request.GET.get("mine") == "1"
    shown = [one for one in found if one.mine] if mine else list(found)
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": state, "mine": mine}
    return render(request, "tutor/desk/regrades.html", context)


@require_safe
@member_view(*READERS)
@known_only
def regrade(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """Show a request with its thread beside the answer and its mark."""
    found = queries.regrade(request.principal, request_id)
    return render(request, "tutor/desk/regrade.html", _regrade_context(request, found))


def _regrade_context(request: MemberRequest, found: RegradeView) -> dict[str, Any]:
    shown = queries.answer_view(request.principal, found.answer_id)
    levels = dict(shown.current.levels) if shown.current else {}
    return {
        "regrade": found,
        "shown": shown,
        "levels": levels,
        "criteria": [
            (criterion, [(level, levels.get(criterion.id) == level.id) for level in criterion.levels])
            for criterion in (shown.rubric.criteria if shown.rubric else ())
        ],
        "decides": decides(request.principal, found.course_id),
        "staff": desk_queries.markers_of(request.principal, found.course_id),
        "open": found.state == "open",
    }


@require_POST
@member_view(*READERS)
@known_only
def reply(request: MemberRequest, request_id: UUID) -> HttpResponse:
    refusal: MarkingError | None = None
    try:
        services.reply_regrade(request.principal, request_id, text=_text(request))
    except MarkingError as error:
        refusal = error
    return say_and_go(request, refusal, done=_("The learner sees your message."), to=_address(request, request_id))


@require_POST
@member_view(*READERS)
@known_only
def resolve(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """Keep or change the mark, with a word to the learner."""
    outcome = "changed" if request.POST.get("outcome") == "changed" else "kept"
    refusal: MarkingError | None = None
    try:
        levels, points = read_levels(request.POST) if outcome == "changed" else (None, None)
        services.resolve_regrade(
            request.principal,
            request_id,
            outcome=outcome,
            levels=levels,
            points=points,
            feedback=request.POST.get("feedback", "").replace("\r\n", "\n").strip()[:LONGEST_FEEDBACK],
            text=_text(request),
            lower_confirmed=request.POST.get("lower") == "1",
        )
    except MarkingError as error:
        refusal = error
    done = _("The mark was changed; release it again to show it.") if outcome == "changed" else _("The mark stays.")
    return say_and_go(request, refusal, done=done, to=_address(request, request_id))


@require_POST
@member_view(*READERS)
@known_only
def assign(request: MemberRequest, request_id: UUID) -> HttpResponse:
    person_id = uuid_or_none(request.POST.get("person", ""))
    refusal: MarkingError | None = None
    try:
        if person_id is not None:
            services.assign_regrade(request.principal, request_id, person_id=person_id)
    except MarkingError as error:
        refusal = error
    return say_and_go(request, refusal, done=_("The request was handed on."), to=_address(request, request_id))


def _text(request: MemberRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n").strip()[:LONGEST_MESSAGE]


def _address(request: MemberRequest, request_id: UUID) -> str:
    return reverse("tutor:regrade", args=[request.organisation.slug, request_id])
