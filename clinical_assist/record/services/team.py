"""Who cares for a patient."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.models import CareTeamMember, Patient
from clinical_assist.record.access import CLINICIANS, is_clinician, patient_for, rows_of, subject
from clinical_assist.record.errors import RecordError
from llmasos.accounts.models import Membership
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref


def add_member(principal: Principal, patient_id: UUID, person_id: UUID, part: str) -> CareTeamMember:
    """Take a clinician into the care team, or give a member another part in it.

    Raises:
        RecordError: the person is no clinician here.
        Patient.DoesNotExist, NotInCareTeamError: as ``patient_for``; an emergency grant does not suffice.
    """
    with acting_in(principal.organisation_id):
        patient = _own(principal, patient_id)
        clinicians = Membership.objects.for_organisation(principal.organisation_id).filter(
            role__in=CLINICIANS, deactivated_at=None
        )
        if not clinicians.filter(person_id=person_id).exists():
            raise RecordError(_("Only clinicians of this organisation can join a care team."))
        return _join(principal, patient, person_id, part)


def take_over(principal: Principal, patient_id: UUID) -> CareTeamMember:
    """Become responsible for a patient for whom nobody cares any more, such as after an import.

    Raises:
        PermissionDenied: the principal is no clinician.
        RecordError: somebody does care.
        Patient.DoesNotExist: there is no such patient.
    """
    if not is_clinician(principal) or principal.id is None:
        raise PermissionDenied("clinicians take over patients")
    with acting_in(principal.organisation_id):
        patient = _patient(principal, patient_id)
        if has_team(patient):
            raise RecordError(_("Somebody cares for this patient: ask them to add you."))
        return _join(principal, patient, principal.id, CareTeamMember.Part.RESPONSIBLE)


def leave(principal: Principal, patient_id: UUID, person_id: UUID) -> None:
    """End somebody's part in the care team: one's own, or as the responsible clinician anybody's.

    Raises:
        RecordError: nobody would be left, or the principal may not.
        Patient.DoesNotExist, NotInCareTeamError: as ``patient_for``; an emergency grant does not suffice.
    """
    with acting_in(principal.organisation_id):
        patient = _own(principal, patient_id)
        present = list(team_of(patient).select_for_update())
        theirs = [one for one in present if one.person_id == person_id]
        is_responsible = any(
            one.person_id == principal.id and one.part == CareTeamMember.Part.RESPONSIBLE for one in present
        )
        if person_id != principal.id and not is_responsible:
            raise RecordError(_("Only the responsible clinician ends the part of others."))
        if not theirs:
            raise RecordError(_("This person is not of the care team any more."))
        if len(theirs) == len(present):
            raise RecordError(_("Nobody would care for this patient: add somebody first."))
        for one in theirs:
            one.until = timezone.now()
            one.save(update_fields=["until"])
        _record(principal, patient, theirs[0], "clinical.team_left")


def team_of(patient: Patient) -> QuerySet[CareTeamMember]:
    """Return who cares for a patient now, under the own row or one merged into it; inside ``acting_in``."""
    return CareTeamMember.objects.for_organisation(patient.organisation_id).filter(
        patient_id__in=rows_of(patient), until=None
    )


def has_team(patient: Patient) -> bool:
    """Return whether anybody cares for a patient."""
    return team_of(patient).exists()


def _own(principal: Principal, patient_id: UUID) -> Patient:
    patient, purpose = patient_for(principal, patient_id)
    if purpose:
        raise RecordError(_("Emergency access does not change the care team: ask somebody who is of it."))
    return patient


def _patient(principal: Principal, patient_id: UUID) -> Patient:
    rows = Patient.objects.for_organisation(principal.organisation_id).select_related("merged_into")
    patient = rows.select_for_update(of=("self",)).get(pk=patient_id)
    return patient.merged_into or patient


def _join(principal: Principal, patient: Patient, person_id: UUID, part: str) -> CareTeamMember:
    present = team_of(patient).filter(person_id=person_id).first()
    if present is not None:
        if present.part == part or present.part == CareTeamMember.Part.RESPONSIBLE:
            return present
        present.part = part
        present.save(update_fields=["part"])
    else:
        present = CareTeamMember.objects.create(
            organisation_id=principal.organisation_id,
            patient=patient,
            person_id=person_id,
            part=part,
            added_by_id=principal.id,
        )
    _record(principal, patient, present, "clinical.team_joined")
    return present


def _record(principal: Principal, patient: Patient, member: CareTeamMember, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=subject(patient.pk),
        object=Ref("person", member.person_id),
        digests={"part": member.part},
    )
