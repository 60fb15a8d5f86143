"""What leaves as a file or on paper: the note as a PDF, a prescription draft, a hand-out, and the note's proof."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clinical_assist.models import Encounter, Patient
from clinical_assist.notes import handouts, queries
from clinical_assist.notes.drafting import allergies_said
from clinical_assist.notes.errors import NoteError
from clinical_assist.notes.gathering import facts_of
from clinical_assist.notes.pdf import note_pdf
from clinical_assist.notes.proof import note_proof
from clinical_assist.notes.services import SIGNED
from clinical_assist.record import showing
from clinical_assist.record.access import encounter_for, subject
from clinical_assist.record.pages import care_view
from clinical_assist.record.queries import entries_of, summarised
from llmasos.accounts.permissions import MemberRequest
from llmasos.audit.services import record
from llmasos.audit.types import Ref


@require_safe
@never_cache
@care_view
def pdf(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Hand out a signed note as a PDF."""
    encounter, patient, purpose = encounter_for(request.principal, encounter_id)
    found = queries.note_of(request.organisation.pk, encounter)
    if found is None or found.state not in SIGNED:
        messages.error(request, _("Only a signed note is handed out as a PDF."))
        return redirect("clinical_assist:note", request.organisation.slug, encounter_id)
    queries.record_reading(request.principal, found, purpose, action="clinical.note_printed")
    content = note_pdf(found, patient, list(found.addenda.select_related("signed_by")))
    return _file(content, "application/pdf", f"note-{found.pk}.pdf")


@require_safe
@never_cache
@care_view
def prescription(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Show the medicines of the plan as a prescription draft to be printed; it is none before a prescriber signs."""
    encounter, patient, purpose = encounter_for(request.principal, encounter_id)
    plan = handouts.plan_of(encounter)
    orders, stopped = handouts.prescription(plan, patient)
    parts = {
        "plan": plan,
        "orders": orders,
        "stopped": stopped,
        "allergies": allergies_said(facts_of(encounter, patient)),
        "figures": showing.figures(summarised(patient, purpose, entries_of(patient)), showing.units_of(request)),
    }
    return _paper(request, encounter, patient, purpose, "prescription", **parts)


@require_safe
@never_cache
@care_view
def handout(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Show what the patient takes home, to be printed."""
    encounter, patient, purpose = encounter_for(request.principal, encounter_id)
    plan = handouts.plan_of(encounter)
    told = handouts.for_patient(plan, patient)
    return _paper(request, encounter, patient, purpose, "handout", plan=plan, told=told)


@require_POST
@never_cache
@care_view
def proof(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Hand out the proof of a signed note."""
    try:
        content = note_proof(request.principal, encounter_id)
    except NoteError as error:
        messages.error(request, str(error))
        return redirect("clinical_assist:note", request.organisation.slug, encounter_id)
    return _file(content, "application/zip", f"note-of-{encounter_id}.zip")


def _paper(
    request: MemberRequest, encounter: Encounter, patient: Patient, purpose: str, kind: str, **parts: object
) -> HttpResponse:
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="clinical.note_printed",
        subject=subject(patient.pk),
        object=Ref("encounter", encounter.pk),
        purpose=purpose,
        digests={"kind": kind},
    )
    today = timezone.localdate()
    context = {
        "encounter": encounter,
        "patient": patient,
        "age": showing.age_text(patient.birth_date, patient.deceased_on or today),
        "sex": showing.SEXES.get(patient.sex, patient.sex),
        "today": today,
        **parts,
    }
    return render(request, f"clinical_assist/notes/{kind}.html", context)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
