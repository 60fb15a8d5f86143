"""The plan of an encounter: proposals, lines with their alerts, and the signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinical_assist.governance.pages import running
from clinical_assist.governance.switches import StoppedError
from clinical_assist.plans import services, showing, signing, wording
from clinical_assist.plans.errors import OpenAlertsError, PlanConflictError, PlanError, UnclearError, WrongPatientError
from clinical_assist.plans.forms import ChangeForm, LineForm, SignForm
from clinical_assist.plans.queries import draft_of
from clinical_assist.record.access import encounter_for, subject
from clinical_assist.record.confirming import proof_holds
from clinical_assist.record.pages import care_view, patient_page, prove_first, proved_at
from clinical_assist.record.queries import read_recorded, summary
from llmasos.accounts.permissions import MemberRequest
from llmasos.audit.services import record
from llmasos.audit.types import Ref

_PLAN = "clinical_assist:plan"
_SENT = frozenset({"act", "of", "revision", "kind", "days"})


@require_safe
@care_view
@running("plan")
def plan(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Show the draft of an encounter, what order sets propose, and plans that were signed."""
    return _page(request, encounter_id)


@require_POST
@care_view
def plan_act(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Change the draft in one way; what was typed is not lost when it is refused."""
    name = request.POST.get("act", "")
    try:
        if name in _ACTS:
            _ACTS[name](request, encounter_id)
    except UnclearError as unclear:
        return _page(request, encounter_id, {"unclear": unclear, "typed": request.POST}, status=422)
    except PlanConflictError as conflict:
        return _page(request, encounter_id, {"conflict": conflict, "typed": request.POST}, status=409)
    except (PlanError, StoppedError) as error:
        return _page(request, encounter_id, {"failure": str(error), "typed": request.POST}, status=422)
    # Back to where the writer was, so that eye and keyboard go on there.
    place = f"line-{request.POST.get('of', '')}" if name in _OF_A_LINE else _PLACES.get(name, "draft-title")
    return redirect(f"{reverse(_PLAN, args=[request.organisation.slug, encounter_id])}#{place}")


@require_http_methods(["GET", "HEAD", "POST"])
@care_view
@running("plan")
def plan_sign(request: MemberRequest, encounter_id: UUID) -> HttpResponse:
    """Show the plan as it will be signed; POST signs it after the patient was confirmed."""
    encounter, patient, _purpose = encounter_for(request.principal, encounter_id)
    found = summary(request.principal, patient)
    shown = draft_of(encounter, found)
    if shown is None:
        return redirect(_PLAN, request.organisation.slug, encounter_id)
    proved = proved_at(request)
    if not proof_holds(proved):
        return prove_first(request)
    form, changed = SignForm(patient, request.POST or None, initial={"revision": shown.plan.revision}), ""
    if form.is_bound and form.is_valid():
        try:
            signing.sign(
                request.principal, encounter_id, form.confirmed(proved), expected=form.cleaned_data["revision"]
            )
        except OpenAlertsError as refused:
            messages.error(request, str(refused))
            return redirect(_PLAN, request.organisation.slug, encounter_id)
        except WrongPatientError as error:
            record(
                organisation_id=request.organisation.pk,
                actor=request.principal.actor,
                action="clinical.plan_signed",
                subject=subject(shown.plan.patient_id),
                object=Ref("plan", shown.plan.pk),
                outcome="denied",
                digests={"reason": "wrong_patient"},
            )
            form.add_error(None, str(error))
        except PlanConflictError as error:
            # What stands now is shown and can be signed, once whose it is was typed again.
            form = SignForm(patient, initial={"revision": shown.plan.revision})
            changed = str(error)
        except PlanError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The plan is signed. Its medicines are in the record."))
            return redirect(_PLAN, request.organisation.slug, encounter_id)
    context = {
        "form": form,
        "shown": shown,
        "changed": changed,
        "groups": showing.groups(shown),
        "summary": found,
        "tab": "plan",
    }
    status = 409 if changed else 422 if form.errors else 200
    return patient_page(request, "clinical_assist/plans/sign.html", encounter, context, status=status)


def _page(
    request: MemberRequest, encounter_id: UUID, given: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    encounter, patient, purpose = encounter_for(request.principal, encounter_id)
    found = summary(request.principal, patient)
    shown = draft_of(encounter, found)
    read_recorded(request.principal, patient, purpose, part="plan", count=len(shown.lines) if shown else 0)
    context = {**showing.page(encounter, found, shown), **(given or {}), "summary": found, "tab": "plan"}
    typed = context.get("typed")
    if "unclear" in context:
        # What was sent goes with each order that may have been meant.
        context["sent"] = [(name, value) for name, value in request.POST.items() if name in _SENT]
    is_written = typed is not None and typed.get("act") == "write"
    context["form"] = LineForm(typed if is_written else None, offers_unchecked="unclear" in context)
    return patient_page(request, "clinical_assist/plans/plan.html", encounter, context, status=status)


def _choose(request: MemberRequest, encounter: UUID) -> None:
    services.plan_for(request.principal, encounter, request.POST.get("condition", ""))


def _leave(request: MemberRequest, encounter: UUID) -> None:
    services.leave_condition(request.principal, encounter, request.POST.get("condition", ""))


def _take(request: MemberRequest, encounter: UUID) -> None:
    services.take(request.principal, encounter, request.POST.getlist("line"))


def _write(request: MemberRequest, encounter: UUID) -> None:
    form = LineForm(request.POST, offers_unchecked=True)
    given = _given(form)
    services.write(
        request.principal, encounter, given["kind"], given["text"], days=given["days"], unchecked=given["unchecked"]
    )


def _given(form: Form) -> dict[str, Any]:
    """Return what a form holds, or refuse with its errors, each after the name of its field."""
    if form.is_valid():
        return dict(form.cleaned_data)
    raise PlanError(
        " ".join(f"{form.fields[name].label}: {one}" for name, errors in form.errors.items() for one in errors)
    )


def _change(request: MemberRequest, encounter: UUID) -> None:
    given = _given(ChangeForm(request.POST))
    services.change(
        request.principal,
        encounter,
        _line(request),
        given["text"],
        expected=_revision(request),
        days=given["days"],
        unchecked=given["unchecked"],
    )


def _remove(request: MemberRequest, encounter: UUID) -> None:
    services.remove(request.principal, encounter, _line(request), expected=_revision(request))


def _override(request: MemberRequest, encounter: UUID) -> None:
    given = request.POST
    services.override(
        request.principal,
        encounter,
        _line(request),
        given.get("alert", ""),
        given.get("reason", ""),
        given.get("words", ""),
        expected=_revision(request),
    )


def _put_back(request: MemberRequest, encounter: UUID) -> None:
    services.put_back(request.principal, encounter, _line(request))


def _take_back(request: MemberRequest, encounter: UUID) -> None:
    services.take_back(request.principal, encounter, request.POST.get("alert", ""), expected=_revision(request))


def _word(request: MemberRequest, encounter: UUID) -> None:
    wording.ask_wording(request.principal, encounter)


def _discard(request: MemberRequest, encounter: UUID) -> None:
    services.discard(request.principal, encounter, expected=_revision(request))


_ACTS: Mapping[str, Callable[[MemberRequest, UUID], None]] = {
    "choose": _choose,
    "leave": _leave,
    "take": _take,
    "write": _write,
    "change": _change,
    "remove": _remove,
    "put_back": _put_back,
    "override": _override,
    "take_back": _take_back,
    "word": _word,
    "discard": _discard,
}
_OF_A_LINE = frozenset({"change", "put_back", "override", "take_back"})
_PLACES: Mapping[str, str] = {"choose": "planned-title", "leave": "planned-title", "discard": "planned-title"}


def _line(request: MemberRequest) -> UUID:
    try:
        return UUID(request.POST.get("of", ""))
    except ValueError:
        raise PlanError(_("This line is not there any more.")) from None


def _revision(request: MemberRequest) -> int:
    sent = request.POST.get("revision", "")
    return int(sent) if sent.isdecimal() else 0
