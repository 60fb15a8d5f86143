"""Signing a plan: checked once more against the record as it is now, for the right patient, frozen with its digest."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import rfc8785
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinical_assist.governance.switches import is_stopped
from clinical_assist.medicines.library import library
from clinical_assist.models import PlanDraft, PlanLine, RecordItem, RuleFiring, StopSwitch
from clinical_assist.plans.checking import LineAlert
from clinical_assist.plans.drafts import Draft, lock_draft
from clinical_assist.plans.errors import (
    NotProvedError,
    NotYoursToSignError,
    OpenAlertsError,
    PlanConflictError,
    PlanError,
    WrongPatientError,
)
from clinical_assist.plans.lines import Line
from clinical_assist.record.access import is_clinician
from clinical_assist.record.confirming import Confirmed
from clinical_assist.record.items import Medication
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.canonical import written_time

VERSION: Final = 1


def sign(principal: Principal, encounter_id: UUID, confirmed: Confirmed, *, expected: int) -> PlanDraft:
    """Sign a draft as it stood at ``expected``. Its medicines become items of the record.

    The checks run again on the record as it is now: alerts that came since, or whose values changed, are counted and
    have to be answered first.

    Raises:
        NotYoursToSignError: the principal is no clinician of the care team.
        PlanConflictError: it was changed since ``expected``.
        NotProvedError: the last proof of who signs is too old.
        WrongPatientError: what was typed is not the patient's.
        OpenAlertsError: alerts of tier 1 or 2 are not answered.
        PlanError: the plan is empty.
        NoDraftError, StoppedError: as ``lock_draft``.
    """
    with acting_in(principal.organisation_id):
        draft = lock_draft(principal, encounter_id)
        _require_signer(principal, draft.purpose)
        if draft.plan.revision != expected:
            raise changed_meanwhile()
        if not draft.lines:
            raise PlanError(_("An empty plan cannot be signed: write what is to be done, or discard it."))
        if not confirmed.is_proved:
            raise NotProvedError(_("Your sign-in is some time ago: say again who you are, then sign."))
        if not confirmed.is_of(draft.found.patient):
            raise WrongPatientError(
                _("This is not the patient of this plan. Look at the name above, and ask the patient if in doubt.")
            )
        unanswered = [one for one in draft.alerts() if one.needs_answer]
        if unanswered:
            draft.save("rechecked", place=RuleFiring.Place.SIGNING)
        else:
            _complete(draft)
    # Outside, so that the counts of what was shown stay.
    if unanswered:
        raise OpenAlertsError(_said(unanswered), unanswered)
    return draft.plan


def document(plan: PlanDraft, rows: dict[UUID, PlanLine], lines: dict[UUID, Line]) -> dict[str, Any]:
    """Return what a signed plan says, in the form of which its digest is taken."""
    return {
        "format": "llmasos-plan",
        "version": VERSION,
        "organisation": str(plan.organisation_id),
        "patient": str(plan.patient_id),
        "encounter": str(plan.encounter_id),
        "plan": str(plan.pk),
        "revision": plan.revision,
        "lines": [
            {
                "line": str(key),
                "kind": rows[key].kind,
                "origin": rows[key].origin,
                **{name: value for name, value in line.content().items() if name != "firings"},
            }
            for key, line in lines.items()
        ],
        "signed_at": written_time(plan.signed_at) if plan.signed_at else "",
    }


def changed_meanwhile() -> PlanConflictError:
    """The refusal where the plan as a whole is not what the writer saw."""
    return PlanConflictError(_("The plan was changed since you opened this page. Read it as it is now, then decide."))


def _complete(draft: Draft) -> None:
    plan = draft.plan
    plan.state, plan.signed_by_id, plan.signed_at = PlanDraft.State.SIGNED, draft.principal.id, timezone.now()
    plan.digest = sha256(rfc8785.dumps(document(plan, draft.rows, draft.lines))).hexdigest()
    plan.save()
    medicines = [(key, line) for key, line in draft.lines.items() if draft.rows[key].kind == PlanLine.Kind.MEDICINE]
    for _key, line in medicines:
        _into_record(draft, line)
    draft.record(
        "clinical.plan_signed",
        {
            "plan": plan.digest,
            "revision": plan.revision,
            "lines": len(draft.lines),
            "medicines": len(medicines),
            "overridden": sum(len(line.overrides) for line in draft.lines.values()),
            "encounter": str(plan.encounter_id),
            "tables": library().digest,
            "checked": not is_stopped(plan.organisation_id, StopSwitch.Function.CHECKS),
        },
    )


def _into_record(draft: Draft, line: Line) -> None:
    today = timezone.localdate()
    item = Medication(
        name=line.medicine or line.text,
        on=today.isoformat(),
        note=line.note,
        dose_text=_without(line.medicine, line.text),
        medicine=line.medicine,
        dose=line.dose,
        unit=line.unit,
        times_a_day=line.times_a_day,
        ended=(today + timedelta(days=line.days)).isoformat() if line.days else "",
    )
    RecordItem.objects.create(
        organisation_id=draft.plan.organisation_id,
        patient_id=draft.plan.patient_id,
        encounter=draft.encounter,
        kind=RecordItem.Kind.MEDICATION,
        content=item.content(),
        source=RecordItem.Source.PLAN,
        recorded_by_id=draft.principal.id,
    )


def _without(medicine: str, text: str) -> str:
    """Return an order without the name that stands before it anyway: "75 mg once a day"."""
    named = medicine and text.casefold().startswith(f"{medicine} ".casefold())
    return text[len(medicine) :].strip() if named else text


def _require_signer(principal: Principal, purpose: str) -> None:
    if not is_clinician(principal) or purpose:
        raise NotYoursToSignError(
            _("Plans are signed by clinicians of the care team. Ask to be taken into it, or leave the draft to them.")
        )


def _said(unanswered: list[LineAlert]) -> str:
    return ngettext(
        "%(count)s alert is not answered. Change the order, or say why it stays.",
        "%(count)s alerts are not answered. Change the orders, or say why they stay.",
        len(unanswered),
    ) % {"count": len(unanswered)}
