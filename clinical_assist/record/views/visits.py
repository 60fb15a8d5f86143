"""Visits and the care team of a patient."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinical_assist.models import Encounter
from clinical_assist.record.access import CLINICIANS, encounter_for, patient_for, rows_of
from clinical_assist.record.errors import RecordError
from clinical_assist.record.forms import MemberForm, VisitForm
from clinical_assist.record.pages import care_view, patient_page
from clinical_assist.record.queries import names_of
from clinical_assist.record.services import encounters, team
from llmasos.accounts.permissions import MemberRequest
from llmasos.accounts.queries import members

MOST_VISITS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def visits(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Show a patient's visits, plan one or begin one now."""
    patient, _purpose = patient_for(request.principal, patient_id)
    own = str(request.user.pk)
    form = VisitForm(request.POST or None, _clinicians(request), own)
    if form.is_valid():
        given = form.cleaned_data
        try:
            encounter = encounters.plan_encounter(
                request.principal,
                patient.pk,
                starts_at=given["starts_at"] or timezone.now(),
                reason=given["reason"],
                clinician_id=UUID(given["clinician"]),
            )
            if given["starts_at"] is None:
                encounters.set_state(request.principal, encounter.pk, Encounter.State.OPEN)
        except RecordError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The visit is in the list."))
            return redirect("clinical_assist:patient", request.organisation.slug, patient.pk)
    rows = Encounter.objects.for_organisation(request.organisation).filter(patient_id__in=rows_of(patient))
    found = list(rows.order_by("-starts_at")[:MOST_VISITS])
    names = names_of(one.clinician_id for one in found)
    context = {
        "form": form,
        "visits": [(one, names.get(one.clinician_id, "") if one.clinician_id else "") for one in found],
    }
    status = 422 if form.errors else 200
    return patient_page(request, "clinical_assist/patient/visits.html", patient, context, status=status)


@require_POST
@care_view
def visit_state(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Bring a visit into the posted state: open, closed, cancelled or planned."""
    encounter, patient, _purpose = encounter_for(request.principal, encounter_id)
    try:
        encounters.set_state(request.principal, encounter.pk, request.POST.get("state", ""))
    except RecordError as error:
        messages.error(request, str(error))
    if request.POST.get("then") == "today":
        return redirect("clinical_assist:today", request.organisation.slug)
    return redirect("clinical_assist:patient", request.organisation.slug, patient.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def care_team(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Show who cares for a patient; add a clinician, or with "leave" end somebody's part."""
    patient, _purpose = patient_for(request.principal, patient_id)
    clinicians = _clinicians(request)
    form = MemberForm(None, clinicians)
    if request.method == "POST":
        try:
            if "leave" in request.POST:
                team.leave(request.principal, patient.pk, UUID(request.POST["leave"]))
                messages.success(request, _("The care team is changed."))
                return redirect("clinical_assist:today", request.organisation.slug)
            form = MemberForm(request.POST, clinicians)
            if form.is_valid():
                given = form.cleaned_data
                team.add_member(request.principal, patient.pk, UUID(given["person"]), given["part"])
                messages.success(request, _("The care team is changed."))
                return redirect("clinical_assist:care_team", request.organisation.slug, patient.pk)
        except (RecordError, ValueError) as error:
            messages.error(request, str(error))
    found = list(team.team_of(patient).order_by("since"))
    names = names_of(one.person_id for one in found)
    context = {"form": form, "team": [(one, names.get(one.person_id, "")) for one in found]}
    status = 422 if form.errors else 200
    return patient_page(request, "clinical_assist/patient/team.html", patient, context, status=status)


@require_POST
@care_view
def take_over(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Become responsible for a patient for whom nobody cares."""
    try:
        team.take_over(request.principal, patient_id)
    except RecordError as error:
        messages.error(request, str(error))
    return redirect("clinical_assist:patient", request.organisation.slug, patient_id)


def _clinicians(request: MemberRequest) -> list[tuple[str, str]]:
    return [
        (str(one.person.pk), str(one.person))
        for one in members(request.organisation.pk)
        if one.is_active and not one.role_codes.isdisjoint(CLINICIANS)
    ]
