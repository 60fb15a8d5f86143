"""Visits: planned, opened, finished and cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.models import CareTeamMember, Encounter, Patient
from clinical_assist.record.access import encounter_for, patient_for, subject
from clinical_assist.record.errors import RecordError
from clinical_assist.record.services.team import add_member
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref

State = Encounter.State
# From which states each state is reached.
_BEFORE: Final[dict[str, tuple[str, ...]]] = {
    State.OPEN: (State.PLANNED, State.CLOSED),
    State.CLOSED: (State.OPEN,),
    State.CANCELLED: (State.PLANNED,),
    State.PLANNED: (State.CANCELLED,),
}


def plan_encounter(
    principal: Principal, patient_id: UUID, *, starts_at: datetime, reason: str, clinician_id: UUID | None = None
) -> Encounter:
    """Plan a visit with a clinician (the principal unless another is named), who joins the care team by it.

    Raises:
        RecordError: the clinician is none of the organisation.
        Patient.DoesNotExist, NotInCareTeamError: as ``patient_for``.
    """
    with acting_in(principal.organisation_id):
        patient, purpose = patient_for(principal, patient_id)
        clinician_id = clinician_id or principal.id
        if clinician_id is not None and clinician_id != principal.id:
            add_member(principal, patient.pk, clinician_id, CareTeamMember.Part.TREATING)
        encounter = Encounter.objects.create(
            organisation_id=principal.organisation_id,
            patient=patient,
            starts_at=starts_at,
            reason=reason,
            clinician_id=clinician_id,
        )
        _record(principal, encounter, patient, purpose, "clinical.encounter_planned")
        return encounter


def start_encounter(principal: Principal, patient_id: UUID, *, reason: str) -> Encounter:
    """Open a visit that was not planned. Raises as :func:`plan_encounter`."""
    with acting_in(principal.organisation_id):
        encounter = plan_encounter(principal, patient_id, starts_at=timezone.now(), reason=reason)
        return set_state(principal, encounter.pk, State.OPEN)


def set_state(principal: Principal, encounter_id: UUID, state: str) -> Encounter:
    """Bring a visit into another state; a finished one can be opened again.

    Raises:
        RecordError: it is in another state than the page showed.
        Encounter.DoesNotExist, NotInCareTeamError: as ``encounter_for``.
    """
    with acting_in(principal.organisation_id):
        _encounter, patient, purpose = encounter_for(principal, encounter_id)
        encounter = (
            Encounter.objects.for_organisation(principal.organisation_id)
            .select_for_update(no_key=True)
            .get(pk=encounter_id)
        )
        if encounter.state == state:
            return encounter
        if encounter.state not in _BEFORE.get(state, ()):
            raise RecordError(
                _("This visit is “%(state)s” now: look at it again.") % {"state": encounter.get_state_display()}
            )
        encounter.state = state
        encounter.ended_at = timezone.now() if state == State.CLOSED else None
        if state == State.OPEN and encounter.clinician_id is None:
            encounter.clinician_id = principal.id
        encounter.save(update_fields=["state", "ended_at", "clinician"])
        _record(principal, encounter, patient, purpose, "clinical.encounter_changed")
        return encounter


def _record(principal: Principal, encounter: Encounter, patient: Patient, purpose: str, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=subject(patient.pk),
        object=Ref("encounter", encounter.pk),
        purpose=purpose,
        digests={"state": encounter.state},
    )
