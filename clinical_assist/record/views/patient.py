"""The record of one patient."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from clinical_assist.record.access import patient_for
from clinical_assist.record.pages import care_view, patient_page
from llmasos.accounts.permissions import MemberRequest


@require_safe
@care_view
def patient(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Show what is known of a patient."""
    found, _purpose = patient_for(request.principal, patient_id)
    return patient_page(request, "clinical_assist/patient/record.html", found)
