"""Signing a note, and adding to a signed one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from clinical_assist.models import Note
from clinical_assist.notes import queries
from clinical_assist.notes.errors import NoteError, NotProvedError, WrongPatientError
from clinical_assist.notes.forms import AddendumForm, SignForm
from clinical_assist.notes.signing import add_addendum, sign_note
from clinical_assist.notes.views.note import show
from clinical_assist.record.access import encounter_for, subject
from clinical_assist.record.confirming import Confirmed, proof_holds
from clinical_assist.record.pages import care_view, patient_page, prove_first, proved_at
from llmasos.accounts.permissions import MemberRequest
from llmasos.audit.services import record
from llmasos.audit.types import Ref


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@care_view
def sign(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Show the note as it will be signed; POST signs it once the patient was confirmed."""
    encounter, patient, purpose = encounter_for(request.principal, encounter_id)
    found = queries.note_of(request.organisation.pk, encounter)
    if found is None or found.state != Note.State.REVIEWED or found.withdrawn_at is not None:
        if found is not None and found.state == Note.State.DRAFT:
            messages.error(
                request, _("The note was changed since it was reviewed: read it, and mark it as reviewed again.")
            )
        return redirect("clinical_assist:note", request.organisation.slug, encounter_id)
    if queries.changes_since_review(found, patient):
        return redirect("clinical_assist:note", request.organisation.slug, encounter_id)
    proved = proved_at(request)
    if not proof_holds(proved):
        return prove_first(request)
    form = SignForm(request.POST or None, patient=patient, revision=found.revision)
    if form.is_valid():
        given = form.cleaned_data
        confirmed = Confirmed(given.get("birth_date"), given.get("family_name", ""), proved)
        try:
            sign_note(request.principal, encounter_id, confirmed, revision=given["revision"])
        except WrongPatientError as error:
            _record_wrong_patient(request, found)
            form.add_error(None, str(error))
        except NoteError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The note is signed. What comes later is an addendum."))
            return redirect("clinical_assist:note", request.organisation.slug, encounter_id)
    elif request.method != "POST":
        queries.record_reading(request.principal, found, purpose)
    context = {"tab": "note", "note": found, "parts": queries.parts(found), "form": form}
    status = 422 if form.errors else 200
    return patient_page(request, "clinical_assist/notes/sign.html", encounter, context, status=status)


@require_POST
@care_view
def addendum(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Add to a signed note. What was typed comes back when it cannot be signed yet."""
    encounter, patient, _purpose = encounter_for(request.principal, encounter_id)
    form = AddendumForm(request.POST)
    if form.is_valid():
        try:
            add_addendum(request.principal, encounter_id, form.cleaned_data["text"], proved_at=proved_at(request))
        except NotProvedError:
            form.add_error(None, _("Your sign-in is some time ago. Sign in again in another window, then sign this."))
        except NoteError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The addendum is signed."))
            return redirect("clinical_assist:note", request.organisation.slug, encounter_id)
    found = queries.note_of(request.organisation.pk, encounter)
    return show(request, encounter, patient, found, addendum=form, status=422)


def _record_wrong_patient(request: MemberRequest, found: Note) -> None:
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="clinical.note_signed",
        subject=subject(found.patient_id),
        object=Ref("note", found.pk),
        outcome="denied",
        digests={"reason": "wrong_patient"},
    )
