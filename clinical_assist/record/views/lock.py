"""A sign of life from a page on which somebody writes or reads for long."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from clinical_assist.record.lock import lock_now
from clinical_assist.record.pages import care_view
from llmasos.accounts.permissions import MemberRequest


@require_POST
@care_view
def awake(request: MemberRequest) -> HttpResponse:
    """Answer that the screen stays open, or with "lock" lock it; once it is locked, ``care_view`` answers so."""
    if "lock" in request.POST:
        lock_now(request)
    return HttpResponse(status=204)
