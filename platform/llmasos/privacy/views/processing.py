"""The record of processing activities (GDPR, article 30), from what is really registered."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.privacy.permissions import READERS
from llmasos.privacy.processing import record_of_processing


@require_safe
@member_view(*READERS)
def processing(request: MemberRequest) -> HttpResponse:
    """Show the record for reading and printing, or hand it over as JSON."""
    made = record_of_processing(request.organisation)
    if "json" in request.GET:
        return JsonResponse(made.as_dict(), json_dumps_params={"ensure_ascii": False, "indent": 2})
    return render(request, "privacy/processing.html", {"record": made})
