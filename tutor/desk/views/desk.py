"""The desk itself: one answer at a time between its queue and its rubric."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk import queries as desk_queries
from tutor.desk import wording
from tutor.desk.entered import Entered
from tutor.desk.place import Place, place_in
from tutor.desk.sheet import sheet_of
from tutor.desk.views.overview import decides
from tutor.marking import queries
from tutor.marking.access import kind_for, question_for
from tutor.marking.errors import MarkingError
from tutor.marking.types import AnswerView, MarkView, QueueName
from tutor.models import Mark, Reveal
from tutor.permissions import READERS
from tutor.refusals import known_only

FRAGMENT = "X-Desk"
"""The header with which the desk's script asks for an answer without the page around it."""
TAB_ORDER: tuple[QueueName, ...] = ("seed", "confirm", "review", "must", "marked", "all")
# What asks most for a person comes first.
WORK: tuple[QueueName, ...] = ("seed", "must", "review", "confirm")
BLIND_TABS: tuple[QueueName, ...] = ("must", "marked", "all")


@require_safe
@member_view(*READERS)
@known_only
def desk(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Open a queue of a question at its first answer; without a queue, the first that has something to do."""
    question = question_for(request.principal, question_id)
    place = place_in(request.GET)
    state = queries.question_queue(request.principal, question_id, queue=place.queue, kind=place.kind)
    if not request.GET.get("queue") and not place.moderates:
        name = next((one for one in WORK if state.counts.get(one)), None)
        if name is not None:
            return redirect(f"{request.path}?{place.at(name).query}")
    if state.ids:
        address = reverse("tutor:desk_answer", args=[request.organisation.slug, state.ids[0]])
        return redirect(f"{address}?{place.query}")
    context = {
        "question": question,
        "place": place,
        "tabs": _tabs(state.counts, place, blind=_blind(request, question.assignment.course_id, place)),
        "elsewhere": state.counts.get("all", 0),
        "meaning": wording.QUEUE_MEANINGS[place.queue],
    }
    return render(request, "tutor/desk/desk_empty.html", context)


@require_safe
@member_view(*READERS)
@known_only
def answer(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Show one answer on the desk."""
    return show(request, answer_id, place_in(request.GET))


def show(
    request: MemberRequest,
    answer_id: UUID,
    place: Place,
    *,
    entered: Entered | None = None,
    refusal: MarkingError | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the desk at an answer, whole or, for the desk's script, the part that changes.

    ``entered`` is what was refused and for which ``refusal``: the page shows it beside what stands now.
    """
    shown = queries.answer_view(request.principal, answer_id, kind=place.kind)
    state = queries.question_queue(request.principal, shown.question_id, queue=place.queue, kind=place.kind)
    ids = state.ids
    blind = kind_for(request.principal, shown.course_id, place.kind) == "second"
    rubric_id = shown.rubric.id if shown.rubric else None
    previous_id, next_id = _beside(answer_id, ids)
    context: dict[str, Any] = {
        "shown": shown,
        "sheet": sheet_of(
            shown,
            criteria=desk_queries.criteria_of(request.principal, rubric_id),
            entered=entered,
        ),
        "place": place,
        "tabs": _tabs(state.counts, place, blind=blind),
        "window": desk_queries.window(request.principal, ids, answer_id, place),
        "position": ids.index(answer_id) + 1 if answer_id in ids else None,
        "queue_name": wording.QUEUE_NAMES[place.queue],
        "previous_id": previous_id,
        "next_id": next_id,
        "progress": state.progress,
        "left": wording.of_time_left(state.progress.left),
        "client_id": uuid4(),
        "override_reasons": Mark.OverrideReason.choices,
        "reveal_reasons": Reveal.Reason.choices,
        "entered": entered,
        "refusal": refusal,
        "decides": decides(request.principal, shown.course_id),
        "both": _both(shown) if place.moderates else (),
    }
    part = request.headers.get(FRAGMENT) == "1"
    response = render(request, "tutor/desk/answer.html" if part else "tutor/desk/desk.html", context, status=status)
    # The same address is a page and a part of one; neither may come out of a shared machine's cache.
    patch_vary_headers(response, [FRAGMENT])
    patch_cache_control(response, no_store=True)
    return response


def _both(shown: AnswerView) -> list[tuple[str, MarkView | None]]:
    """Return the first and the second mark that stand, for whoever moderates."""
    standing = {mark.kind: mark for mark in shown.history if mark.withdrawn_at is None}
    return [(_("First mark"), standing.get("first")), (_("Second mark"), standing.get("second"))]


def _beside(answer_id: UUID, ids: tuple[UUID, ...]) -> tuple[UUID | None, UUID | None]:
    """Return what comes before and after the answer; what has left the queue is followed by its first."""
    if answer_id not in ids:
        return None, ids[0] if ids else None
    at = ids.index(answer_id)
    return ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None


def _blind(request: MemberRequest, course_id: UUID, place: Place) -> bool:
    return kind_for(request.principal, course_id, place.kind) == "second"


def _tabs(counts: Any, place: Place, *, blind: bool) -> list[dict[str, Any]]:
    """Return the queues to choose from; a second marker, who sees no proposals, has those that tell nothing of them."""
    names = BLIND_TABS if blind else TAB_ORDER
    return [
        {
            "name": name,
            "label": wording.QUEUE_NAMES[name],
            "meaning": wording.QUEUE_MEANINGS[name],
            "count": counts.get(name, 0),
            "query": place.at(name).query,
            "current": name == place.queue and not place.moderates,
        }
        for name in names
    ]
