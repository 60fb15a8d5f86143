"""Items of a record: written, corrected, ended, marked as entered in error, and looked back on."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinical_assist.models import Patient, RecordItem
from clinical_assist.record.access import patient_for, rows_of
from clinical_assist.record.errors import RecordError
from clinical_assist.record.forms import ErrorForm
from clinical_assist.record.items import Item, Measurement, item_of
from clinical_assist.record.measurement_forms import MeasurementForm, VitalsForm, form_for, stated
from clinical_assist.record.measures import with_range
from clinical_assist.record.pages import care_view, patient_page, present_encounter
from clinical_assist.record.queries import entries_from, entries_of, read_recorded, summarised
from clinical_assist.record.services import items as services
from llmasos.accounts.permissions import MemberRequest

KINDS = frozenset({"problem", "allergy", "medication", "laboratory", "history", "pregnancy"})


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def item_add(request: MemberRequest, patient_id: UUID, kind: str) -> HttpResponse:
    """Write an item; ``kind`` is one of the form's, "vitals" for all vital signs of one moment."""
    patient, purpose = patient_for(request.principal, patient_id)
    encounter = present_encounter(request, patient)
    form, found = _read(request, kind, patient, purpose)
    if found:
        if isinstance(form, MeasurementForm):
            given, ranged = form.item, _ranged(patient, purpose, form.item)
            found = [(kind, ranged)]
            if ranged != given:
                messages.info(request, " ".join((_("No range was given."), ranged.note)))
        services.write_items(
            request.principal, patient.pk, found, encounter_id=encounter.pk if encounter is not None else None
        )
        messages.success(request, _("It is in the record."))
        return redirect(f"{_record_of(request, patient)}#{_place(found[0][0])}")
    context = {"form": form, "kind": kind}
    status = 422 if form.errors else 200
    return patient_page(request, "clinical_assist/patient/item_add.html", patient, context, status=status)


@require_safe
@care_view
def item(request: MemberRequest, patient_id: UUID, item_id: UUID) -> HttpResponse:
    """Show an item with all its versions, and what can be done with it."""
    row, patient, purpose = _row(request, patient_id, item_id)
    versions = _versions(patient, row)
    read_recorded(request.principal, patient, purpose, part="item", count=len(versions))
    context = {
        "row": row,
        "versions": [
            (version, entry, stated(version.kind, entry.item))
            for version, entry in zip(versions, entries_from(versions), strict=True)
        ],
        "holds": row.superseded_at is None,
        "ends": row.kind in {"problem", "allergy", "medication"} and getattr(item_of(row), "status", "") == "active",
        "error_form": ErrorForm(),
    }
    return patient_page(request, "clinical_assist/patient/item.html", patient, context)


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
def item_correct(request: MemberRequest, patient_id: UUID, item_id: UUID) -> HttpResponse:
    """Correct an item; the old version is kept."""
    row, patient, _purpose = _row(request, patient_id, item_id)
    form = form_for(row.kind, request.POST or None, old=item_of(row))
    if form.is_valid():
        try:
            new = services.correct_item(request.principal, row.pk, form.item)
        except RecordError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The correction is saved; the old version is kept."))
            return redirect("clinical_assist:item", request.organisation.slug, patient.pk, new.pk)
    context = {"form": form, "row": row}
    status = 422 if form.errors else 200
    return patient_page(request, "clinical_assist/patient/item_correct.html", patient, context, status=status)


@require_POST
@care_view
def item_end(request: MemberRequest, patient_id: UUID, item_id: UUID) -> HttpResponse:
    """End a problem, an allergy or a medicine today."""
    row, patient, _purpose = _row(request, patient_id, item_id)
    try:
        row = services.end_item(request.principal, row.pk)
    except RecordError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is ended as of today."))
    return redirect(f"{_record_of(request, patient)}#{_place(row.kind)}")


@require_POST
@care_view
def item_in_error(request: MemberRequest, patient_id: UUID, item_id: UUID) -> HttpResponse:
    """Mark an item as entered in error, or with "back" take that back."""
    row, patient, _purpose = _row(request, patient_id, item_id)
    form = ErrorForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say in a few words why; it is kept with the entry."))
    else:
        try:
            services.set_in_error(
                request.principal, row.pk, in_error="back" not in request.POST, reason=form.cleaned_data["reason"]
            )
        except RecordError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The entry is changed."))
    return redirect("clinical_assist:item", request.organisation.slug, patient.pk, row.pk)


def _read(request: MemberRequest, kind: str, patient: Patient, purpose: str) -> tuple[Form, list[services.Written]]:
    """Return the form of a kind, and what it holds once it is valid."""
    if kind == "vitals":
        latest = summarised(patient, purpose, entries_of(patient)).latest_vitals
        vitals = VitalsForm(request.POST or None, latest=[one.item for one in latest])
        return vitals, [("vital", one) for one in vitals.found] if vitals.is_valid() else []
    if kind not in KINDS:
        raise Http404
    form = form_for(kind, request.POST or None)
    return form, [("history" if kind == "pregnancy" else kind, form.item)] if form.is_valid() else []


def _ranged(patient: Patient, purpose: str, given: Item) -> Item:
    """Return a result without a range with that of the record's latest one of its kind, so that it can be out of it."""
    if not isinstance(given, Measurement):
        return given
    earlier = summarised(patient, purpose, entries_of(patient)).laboratory
    return with_range(given, [one.item for one in earlier])


def _row(request: MemberRequest, patient_id: UUID, item_id: UUID) -> tuple[RecordItem, Patient, str]:
    patient, purpose = patient_for(request.principal, patient_id)
    rows = RecordItem.objects.for_organisation(request.organisation).filter(patient_id__in=rows_of(patient))
    row = rows.filter(pk=item_id).first()
    if row is None:
        raise Http404
    return row, patient, purpose


def _versions(patient: Patient, row: RecordItem) -> list[RecordItem]:
    """Return all versions of an item, the newest first."""
    rows = {
        one.pk: one
        for one in RecordItem.objects.for_organisation(patient.organisation_id).filter(
            patient_id=row.patient_id, kind=row.kind
        )
    }
    later = {one.replaces_id: one for one in rows.values() if one.replaces_id}
    newest = row
    while newest.pk in later:
        newest = later[newest.pk]
    found = [newest]
    while found[-1].replaces_id in rows:
        found.append(rows[found[-1].replaces_id])
    return found


def _record_of(request: MemberRequest, patient: Patient) -> str:
    return reverse("clinical_assist:patient", args=[request.organisation.slug, patient.pk])


def _place(kind: str) -> str:
    return f"{kind}-title"
