"""Finding, adding and correcting patients."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinical_assist.models import Patient
from clinical_assist.record import searching
from clinical_assist.record.access import patient_for
from clinical_assist.record.errors import RecordError
from clinical_assist.record.forms import PatientForm, SearchForm
from clinical_assist.record.pages import care_view, patient_page
from clinical_assist.record.services import patients as services
from llmasos.accounts.permissions import MemberRequest
from llmasos.audit.services import record


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def patients(request: MemberRequest) -> HttpResponse:
    """List those for whom the reader cares; posted words narrow the list, so that no name stands in an address."""
    form = SearchForm(request.POST or None)
    given = form.cleaned_data if form.is_valid() else {}
    text = str(given.get("q") or "").strip()
    found = searching.search(request.principal, text, int(given.get("page") or 1))
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="clinical.patients_searched" if text else "clinical.patients_listed",
        digests={"count": found.count, "page": found.page.number},
    )
    context = {"q": text, "found": found, "page": found.page}
    return render(request, "clinical_assist/patient/patients.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def patient_add(request: MemberRequest) -> HttpResponse:
    """Add a patient. Likely doubles are shown first, with all that was typed kept."""
    form = PatientForm(request.POST or None)
    doubles: list[Patient] = []
    if form.is_valid():
        if not form.cleaned_data["accepted"]:
            doubles = _doubles(request, form, None)
        if not doubles:
            added = services.add_patient(request.principal, form.demographics)
            messages.success(request, _("The patient is added, and you are responsible for them."))
            return redirect("clinical_assist:patient", request.organisation.slug, added.pk)
    context = {"form": form, "doubles": doubles}
    status = 422 if form.errors or doubles else 200
    return render(request, "clinical_assist/patient/add.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def patient_correct(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Correct who a patient is."""
    patient, _purpose = patient_for(request.principal, patient_id)
    form = PatientForm.of(patient, request.POST or None)
    if form.is_valid():
        try:
            services.correct_patient(
                request.principal, patient.pk, form.demographics, revision=form.cleaned_data["revision"] or 0
            )
        except RecordError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The correction is saved."))
            return redirect("clinical_assist:patient", request.organisation.slug, patient.pk)
    status = 422 if form.errors else 200
    return patient_page(request, "clinical_assist/patient/correct.html", patient, {"form": form}, status=status)


@require_POST
@care_view
def no_known_allergies(request: MemberRequest, patient_id: UUID) -> HttpResponse:
    """Say that the patient was asked and none are known, or take that back."""
    try:
        if request.POST.get("act") == "take_back":
            services.take_back_no_known_allergies(request.principal, patient_id)
            messages.success(request, _("Taken back: whether there are allergies is not known."))
        else:
            services.say_no_known_allergies(request.principal, patient_id)
            messages.success(request, _("No known allergies: it is noted that you asked today."))
    except RecordError as error:
        messages.error(request, str(error))
    return redirect("clinical_assist:patient", request.organisation.slug, patient_id)


def _doubles(request: MemberRequest, form: PatientForm, but: UUID | None) -> list[Patient]:
    found = services.alike(request.organisation.pk, form.demographics, but=but)
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="clinical.patients_searched",
        digests={"count": len(found), "page": 1},
    )
    return found
