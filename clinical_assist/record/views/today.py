"""Today's list."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinical_assist.record import today as lists
from clinical_assist.record.pages import care_view
from llmasos.accounts.permissions import MemberRequest
from llmasos.audit.services import record


@require_safe
@care_view
def today(request: MemberRequest) -> HttpResponse:
    """Show the day's encounters by time: the reader's own, or with ``who=all`` those of all whom they care for."""
    everybody = request.GET.get("who") == "all"
    visits = lists.visits(request.principal, everybody=everybody)
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="clinical.patients_listed",
        digests={"part": "today", "count": len(visits)},
    )
    context = {"visits": visits, "everybody": everybody, "next": next((one for one in visits if one.is_waiting), None)}
    return render(request, "clinical_assist/patient/today.html", context)
