"""Requests to look at a mark again: the inbox, a request beside its answer, and the decision."""

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
from tutor.desk.entered import LONGEST_FEEDBACK, read_levels, uuid_or_none
from tutor.desk.views.refusals import say_and_go
from tutor.marking import queries, services
from tutor.marking.errors import MarkingError
from tutor.permissions import READERS
from tutor.refusals import known_only

PAGE = 50
LONGEST_MESSAGE = 5_000


@require_safe
@member_view(*READERS)
def regrades(request: MemberRequest) -> HttpResponse:
    """List requests to look at a mark again, the oldest first."""
    mine = request.GET.get("mine") == "1"
    found = queries.regrades(request.principal, state="all" if request.GET.get("state") == "all" else "open")
    page = Paginator([one for one in found if one.mine or not mine], PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": request.GET.get("state", "open"), "mine": mine}
    return render(request, "tutor/desk/regrades.html", context)


@require_safe
@member_view(*READERS)
@known_only
def regrade(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """Show a request with its thread beside the answer and its mark."""
    found = queries.regrade(request.principal, request_id)
    shown = queries.answer_view(request.principal, found.answer_id)
    levels = dict(found.mark.levels) if found.mark else {}
    context: dict[str, Any] = {
        "regrade": found,
        "shown": shown,
        "criteria": [
            (criterion, [(level, levels.get(criterion.id) == level.id) for level in criterion.levels])
            for criterion in (shown.rubric.criteria if shown.rubric else ())
        ],
        "open": found.state == "open",
    }
    return render(request, "tutor/desk/regrade.html", context)


@require_POST
@member_view(*READERS)
@known_only
def reply(request: MemberRequest, request_id: UUID) -> HttpResponse:
    refusal: MarkingError | None = None
    try:
        services.answer_regrade(request.principal, request_id, text=_text(request))
    except MarkingError as error:
        refusal = error
    return say_and_go(request, refusal, done=_("The learner sees your message."), to=_address(request, request_id))


@require_POST
@member_view(*READERS)
@known_only
def decide(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """Keep or change the mark, with a word to the learner."""
    changes = request.POST.get("outcome") == "changed"
    refusal: MarkingError | None = None
    try:
        levels, points = read_levels(request.POST) if changes else (None, None)
        services.decide_regrade(
            request.principal,
            request_id,
            outcome="changed" if changes else "kept",
            expected_mark_id=uuid_or_none(request.POST.get("expected_mark", "")),
            levels=levels,
            points=points,
            feedback=request.POST.get("feedback", "").replace("\r\n", "\n").strip()[:LONGEST_FEEDBACK],
            text=_text(request),
            may_lower=request.POST.get("lower") == "1",
        )
    except MarkingError as error:
        refusal = error
    done = _("The mark was changed, and the learner sees it.") if changes else _("The mark stays.")
    return say_and_go(request, refusal, done=done, to=_address(request, request_id))


def _text(request: MemberRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n").strip()[:LONGEST_MESSAGE]


def _address(request: MemberRequest, request_id: UUID) -> str:
    return reverse("tutor:regrade", args=[request.organisation.slug, request_id])
