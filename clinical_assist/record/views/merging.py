"""Merging two patients who are one, and separating them again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinical_assist.models import Patient
from clinical_assist.record.access import patient_for, patients_of
from clinical_assist.record.errors import RecordError
from clinical_assist.record.pages import care_view, patient_page
from clinical_assist.record.queries import read_recorded
from clinical_assist.record.searching import search
from clinical_assist.record.services import merging
from llmasos.accounts.permissions import MemberRequest
from llmasos.audit.services import record


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def merge(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Look for the other one, see both side by side with what will happen, and merge with "agreed"."""
    patient, _purpose = patient_for(request.principal, patient_id)
    other = _other(request)
    if other is not None and "agreed" in request.POST:
        try:
            merging.merge(request.principal, patient.pk, other.pk)
        except RecordError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The two are one record now. It can be undone here."))
            return redirect("clinical_assist:merge", request.organisation.slug, patient.pk)
    context: dict[str, object] = {"merged": merging.merged_into(request.principal, patient)}
    if other is not None and other != patient:
        read_recorded(request.principal, other, "", part="merge", count=1)
        context["sides"] = [merging.side_of(patient), merging.side_of(other)]
        context["other"] = other
    text = request.POST.get("q", "").strip()[:120]
    if text:
        found = search(request.principal, text, 1)
        record(
            organisation_id=request.organisation.pk,
            actor=request.principal.actor,
            action="clinical.patients_searched",
            digests={"count": found.count, "page": 1},
        )
        context |= {"q": text, "candidates": [one for one in found.page if one != patient]}
    return patient_page(request, "clinical_assist/patient/merge.html", patient, context)


@require_POST
@care_view
def unmerge(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Separate a merged row again."""
    keep, _purpose = patient_for(request.principal, patient_id)
    try:
        merging.unmerge(request.principal, patient_id)
    except RecordError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("They are two records again."))
    return redirect("clinical_assist:merge", request.organisation.slug, keep.pk)


def _other(request: MemberRequest) -> Patient | None:
    try:
        other_id = UUID(request.POST.get("other", ""))
    except ValueError:
        return None
    return patients_of(request.principal).filter(pk=other_id, merged_into=None).first()
