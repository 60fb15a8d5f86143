"""What all pages of a patient share: who may see them, the frame around them, and the way in an emergency."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.models import SUBJECT, Encounter, Patient
from clinical_assist.record import lock, showing
from clinical_assist.record.access import CLINICIANS, NotInCareTeamError, rows_of, subject
from clinical_assist.record.queries import summary
from clinical_assist.record.services.team import has_team
from clinical_assist.record.types import Summary
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record
from llmasos.privacy.breakglass.permissions import ask_address
from llmasos.privacy.breakglass.queries import active_grant
from llmasos.privacy.breakglass.registry import covered_kind

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]


def care_view(view: Callable[Concatenate[Any, P], HttpResponseBase]) -> View[P]:
    """Admit clinicians. Who is not of the care team is offered emergency access; what does not exist is a 404.

    The view runs as under ``member_view``; ``record.access`` decides for which patients. After five idle minutes the
    reader proves first who they are: a page asks for it, anything sent is answered by 423 and can be sent again.
    """

    @wraps(view)
    def guarded(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if lock.is_locked(request):
            return _locked(request)
        lock.note_activity(request)
        try:
            return view(request, *args, **kwargs)
        except NotInCareTeamError as outside:
            return _outside(request, outside)
        except (Patient.DoesNotExist, Encounter.DoesNotExist):
            raise Http404 from None

    return member_view(*CLINICIANS)(guarded)


def patient_page(
    request: MemberRequest,
    template: str,
    of: Patient | Encounter,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render a page inside the frame of a patient; ``template`` extends "clinical_assist/patient/base.html".

    ``context`` may hold ``summary``, if it was read already, and ``tab``: the page's key among the tabs. Reading the
    summary records it. The encounter of a page of the record is the patient's present one.

    Raises:
        NotInCareTeamError: as ``record.access.patient_for``.
    """
    given = dict(context or {})
    encounter = of if isinstance(of, Encounter) else None
    found = given.get("summary")
    if not isinstance(found, Summary):
        found = summary(request.principal, of.patient if isinstance(of, Encounter) else of)
    encounter = encounter or present_encounter(request, found.patient)
    system = showing.units_of(request)
    frame = {
        "summary": found,
        "patient": found.patient,
        "encounter": encounter,
        "sex": showing.SEXES.get(found.patient.sex, found.patient.sex),
        "age": showing.age_text(found.patient.birth_date, found.patient.deceased_on or timezone.localdate()),
        "figures": showing.figures(found, system),
        "may_be_pregnant": showing.may_be_pregnant(found),
        "tabs": showing.tabs(request.organisation.slug, found, encounter),
        "tab": "record",
        "units": system,
        "other_units": showing.other_units(system),
        "side_vitals": showing.measured(found.latest_vitals, system),
        "side_laboratory": showing.measured(found.latest_laboratory, system),
        "grant": active_grant(request.principal, subject(found.patient.pk)) if found.purpose else None,
    }
    return render(request, template, frame | given, status=status)


def present_encounter(request: MemberRequest, patient: Patient) -> Encounter | None:
    """Return the patient's encounter that is under way, the reader's own before those of others."""
    running = Encounter.objects.for_organisation(request.organisation).filter(
        patient_id__in=rows_of(patient), state=Encounter.State.OPEN
    )
    found = list(running.order_by("-starts_at"))
    return next((one for one in found if one.clinician_id == request.user.pk), found[0] if found else None)


def proved_at(request: HttpRequest) -> datetime | None:
    """Return when the signed-in person last proved who they are in this session, by signing in or once more."""
    proofs = get_authentication_records(request, request.user)
    return datetime.fromtimestamp(proofs[-1]["at"], tz=UTC) if proofs else None


def prove_first(request: HttpRequest) -> HttpResponse:
    """Send somebody who wants to sign to prove again who they are, and then back to this page."""
    messages.info(request, _("Your sign-in is some time ago: say again who you are, then sign."))
    return _to_proof(request)


def _to_proof(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")


def _locked(request: HttpRequest) -> HttpResponse:
    """Lead a reader to the proof; refuse what was sent, so that the browser keeps it."""
    if request.method in {"GET", "HEAD"} and request.headers.get("HX-Request") != "true":
        return _to_proof(request)
    return render(request, "clinical_assist/patient/locked.html", status=423)


def _outside(request: MemberRequest, outside: NotInCareTeamError) -> HttpResponse:
    """Record the refusal and show the way in an emergency; an exception would take the record back."""
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="clinical.record_refused",
        subject=subject(outside.patient_id),
        outcome="denied",
    )
    context = {
        "named": covered_kind(SUBJECT).describe(request.organisation.pk, outside.patient_id),
        "is_free": not has_team(Patient(pk=outside.patient_id, organisation_id=request.organisation.pk)),
        "patient_id": outside.patient_id,
        "ask": ask_address(request.organisation.slug, subject(outside.patient_id), request.get_full_path()),
    }
    return render(request, "clinical_assist/patient/outside.html", context, status=403)
