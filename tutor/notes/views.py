"""Notes from the desk. The desk's script asks for JSON; a plain form is led back to the answer."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.desk.place import place_in
from tutor.desk.views.refusals import refused_as_json, say_and_go, wants_json
from tutor.marking.access import answer_for
from tutor.marking.errors import MarkingError
from tutor.models import Annotation
from tutor.notes import services
from tutor.notes.errors import BadSpanError
from tutor.permissions import READERS
from tutor.refusals import known_only

LONGEST = 2_000
LONGEST_PLACE = 8


@require_POST
@member_view(*READERS)
@known_only
def add(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Note something on the passage "start-end" of the answer."""
    answer_for(request.principal, answer_id)
    refusal: MarkingError | None = None
    try:
        start, end = _span(request.POST.get("span", ""))
        services.add_note(
            request.principal,
            answer_id,
            start=start,
            end=end,
            text=_text(request),
            expected_digest=request.POST.get("digest", ""),
        )
    except MarkingError as error:
        refusal = error
    return _done(request, answer_id, refusal)


@require_POST
@member_view(*READERS)
@known_only
def change(request: MemberRequest, note_id: UUID) -> HttpResponse:
    """Write a note anew, or with "remove" remove it."""
    answer = answer_for(
        request.principal, Annotation.objects.for_organisation(request.organisation).get(pk=note_id).answer_id
    )
    refusal: MarkingError | None = None
    try:
        if request.POST.get("remove"):
            services.remove_note(request.principal, note_id)
        else:
            services.change_note(request.principal, note_id, text=_text(request))
    except MarkingError as error:
        refusal = error
    return _done(request, answer.pk, refusal)


def _text(request: MemberRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n").strip()[:LONGEST]


def _done(request: MemberRequest, answer_id: UUID, refusal: MarkingError | None) -> HttpResponse:
    if wants_json(request):
        return refused_as_json(refusal) if refusal else JsonResponse({})
    address = reverse("tutor:desk_answer", args=[request.organisation.slug, answer_id])
    return say_and_go(request, refusal, to=f"{address}?{place_in(request.POST).query}")


def _span(text: str) -> tuple[int, int]:
    start, _dash, end = text.partition("-")
    # Longer numbers are no places in any answer, and too large for the database.
    if not all(one.isascii() and one.isdecimal() and len(one) <= LONGEST_PLACE for one in (start, end)):
        raise BadSpanError
    return int(start), int(end)
