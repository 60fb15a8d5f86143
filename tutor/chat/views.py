"""The chat of a course: for its learners, and for staff as far as learners were told."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.chat import conversing, queries
from tutor.chat.errors import ChatError
from tutor.desk.entered import uuid_or_none
from tutor.permissions import LEARNERS, READERS
from tutor.refusals import known_only


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*LEARNERS)
@known_only
def chat(request: MemberRequest, course_id: UUID) -> HttpResponse:
    """Show the conversation; a post asks something, and keeps what was written where it is refused."""
    text, refusal = "", ""
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            turn_id = uuid_or_none(request.POST.get("turn", "")) or uuid4()
            conversing.ask(request.principal, course_id, text, turn_id=turn_id)
        except ChatError as error:
            refusal = str(error)
        else:
            response = redirect("tutor:chat", request.organisation.slug, course_id)
            response["Location"] += "#latest"
            return response
    context = _context(request, course_id) | {"text": text, "refusal": refusal, "turn_id": uuid4()}
    return render(request, "tutor/chat/chat.html", context, status=422 if refusal else 200)


@require_safe
@member_view(*LEARNERS)
@known_only
def turns(request: MemberRequest, course_id: UUID) -> HttpResponse:
    """The conversation alone, for the page that waits for a reply."""
    return render(request, "tutor/chat/turns.html", _context(request, course_id))


@require_safe
@member_view(*READERS)
@known_only
def learner_chat(request: MemberRequest, course_id: UUID, learner_id: UUID) -> HttpResponse:
    page = queries.learners_chat(request.principal, course_id, learner_id)
    return render(request, "tutor/chat/read.html", {"page": page, "course": page.course, "own": False})


def _context(request: MemberRequest, course_id: UUID) -> dict[str, Any]:
    page = queries.own_chat(request.principal, course_id)
    return {"page": page, "course": page.course, "own": True, "longest": conversing.LONGEST}
