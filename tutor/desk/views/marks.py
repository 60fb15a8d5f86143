"""Marks from the desk: give, moderate, withdraw, lock. The desk's script asks for JSON; a plain form is redirected."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk import wording
from tutor.desk.entered import Entered, read_mark
from tutor.desk.place import Place, place_in
from tutor.desk.views.desk import FRAGMENT, show
from tutor.desk.views.refusals import next_address, refused_as_json, say_and_go, status_of, wants_json
from tutor.marking import queries, services
from tutor.marking.access import answer_for
from tutor.marking.errors import MarkingError
from tutor.models import Mark
from tutor.permissions import READERS
from tutor.refusals import known_only
from tutor.templatetags.marking import points


@require_POST
@member_view(*READERS)
@known_only
def give_mark(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Give the mark that the form holds; a refusal shows the answer again with what was entered."""
    found = answer_for(request.principal, answer_id)
    place = place_in(request.POST)
    entered: Entered | None = None
    following = _next_id(request, answer_id, place)
    try:
        entered = read_mark(request.POST)
        mark = _save(request, answer_id, place, entered)
    except MarkingError as error:
        return show(request, answer_id, place, entered=entered, refusal=error, status=status_of(error))
    if request.headers.get(FRAGMENT) == "1":
        return JsonResponse(_kept(request, mark, found.question_id, place))
    messages.success(request, _("The mark is kept. Learners see it when you release it."))
    slug = request.organisation.slug
    if following is None:
        return redirect(f"{reverse('tutor:desk', args=[slug, found.question_id])}?{place.query}")
    return redirect(f"{reverse('tutor:desk_answer', args=[slug, following])}?{place.query}")


def _kept(request: MemberRequest, mark: Mark, question_id: UUID, place: Place) -> dict[str, Any]:
    """Return what the page beside the mark shows of it: the queues' counts, the progress, and how to undo it."""
    state = queries.question_queue(request.principal, question_id, kind=place.kind)
    done = state.progress
    left = wording.of_time_left(done.left)
    return {
        "mark": str(mark.pk),
        "shown": points(mark.points),
        "withdraw": reverse("tutor:desk_withdraw", args=[request.organisation.slug, mark.pk]),
        "counts": {name: intcomma(count) for name, count in state.counts.items()},
        "marked": done.marked,
        "progress": " · ".join(
            filter(
                None,
                [
                    _("%(marked)s of %(total)s marked")
                    % {"marked": intcomma(done.marked), "total": intcomma(done.total)},
                    left,
                ],
            )
        ),
    }


def _save(request: MemberRequest, answer_id: UUID, place: Place, entered: Entered) -> Mark:
    if place.moderates:
        return services.moderate(
            request.principal,
            answer_id,
            expected_digest=entered.digest,
            expected_mark_id=entered.expected_mark,
            levels=entered.levels,
            points=entered.points,
            feedback=entered.feedback,
            feedback_drafted=entered.drafted,
            client_id=entered.client_id,
        )
    return services.give_mark(
        request.principal,
        answer_id,
        expected_digest=entered.digest,
        expected_mark_id=entered.expected_mark,
        levels=entered.levels,
        points=entered.points,
        feedback=entered.feedback,
        feedback_drafted=entered.drafted,
        override_reason=entered.reason,
        client_id=entered.client_id,
        kind=place.kind,
    )


def _next_id(request: MemberRequest, answer_id: UUID, place: Place) -> UUID | None:
    """Return what comes after the answer, asked before the mark moves it to another queue; only plain forms need it."""
    if request.headers.get(FRAGMENT) == "1":
        return None
    found = answer_for(request.principal, answer_id)
    ids = queries.question_queue(request.principal, found.question_id, queue=place.queue, kind=place.kind).ids
    at = ids.index(answer_id) if answer_id in ids else -1
    return ids[at + 1] if at + 1 < len(ids) else None


@require_POST
@member_view(*READERS)
@known_only
def withdraw_mark(request: MemberRequest, mark_id: UUID) -> HttpResponse:
    """Take a mark back; what stood before it is not given again."""
    try:
        mark = services.withdraw_mark(request.principal, mark_id)
    except MarkingError as error:
        if wants_json(request):
            return refused_as_json(error)
        messages.error(request, str(error))
        return redirect(next_address(request, reverse("tutor:marking", args=[request.organisation.slug])))
    if wants_json(request):
        return JsonResponse({"answer": str(mark.answer_id)})
    address = reverse("tutor:desk_answer", args=[request.organisation.slug, mark.answer_id])
    place = place_in(request.POST)
    messages.success(request, _("The mark was taken back."))
    return redirect(f"{address}?{place.query}")


@require_POST
@member_view(*READERS)
@known_only
def lock(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Take the answer for a while, or give it back ("release" in the form)."""
    if request.POST.get("release"):
        services.release_lock(request.principal, answer_id)
        return HttpResponse(status=204)
    taken = services.take_lock(request.principal, answer_id)
    return JsonResponse(
        {
            "mine": taken.mine,
            "who": taken.who,
            "expires_at": taken.expires_at.isoformat() if taken.expires_at else None,
        }
    )


@require_POST
@member_view(*READERS)
@known_only
def reveal(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Show whose work the answer is, to this marker, for a reason that is kept."""
    refusal: MarkingError | None = None
    try:
        services.reveal(request.principal, answer_id, reason=request.POST.get("reason", ""))
    except MarkingError as error:
        refusal = error
    if wants_json(request):
        return refused_as_json(refusal) if refusal else JsonResponse({})
    address = reverse("tutor:desk_answer", args=[request.organisation.slug, answer_id])
    return say_and_go(request, refusal, to=f"{address}?{place_in(request.POST).query}")
