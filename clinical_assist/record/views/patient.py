"""The record of one patient, and the reader's choice of units."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from clinical_assist.calculators.registry import CALCULATORS
from clinical_assist.record import showing, tables
from clinical_assist.record.access import patient_for
from clinical_assist.record.filling import is_filled
from clinical_assist.record.pages import care_view, patient_page
from clinical_assist.record.queries import names_of, summary
from llmasos.accounts.permissions import MemberRequest

_A_YEAR_SECONDS = 31_536_000


@require_safe
@care_view
def patient(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Show what is known of a patient."""
    found, _purpose = patient_for(request.principal, patient_id)
    read = summary(request.principal, found)
    system = showing.units_of(request)
    filled = [one for one in CALCULATORS.values() if is_filled(one, read)]
    asked_by = read.patient.no_known_allergies_by_id
    context = {
        "summary": read,
        "courses": tables.courses(read.vitals, system),
        "results": tables.results(read.laboratory, system),
        "calculators": filled,
        "other_calculators": [one for one in CALCULATORS.values() if one not in filled],
        "asked_by": names_of([asked_by]).get(asked_by, "") if asked_by else "",
    }
    return patient_page(request, "clinical_assist/patient/record.html", read.patient, context)


@require_POST
@care_view
def units(request: MemberRequest) -> HttpResponse:
    """Keep the reader's choice of units in a cookie of a year, and go back."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    answer = redirect(back)
    chosen = "si" if request.POST.get("units") == "si" else "conventional"
    answer.set_cookie(
        showing.UNITS_COOKIE, chosen, max_age=_A_YEAR_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return answer
