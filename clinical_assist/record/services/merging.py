"""Two rows that are one person are merged, and unmerged again. Nothing is moved or lost by it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from clinical_assist.models import Encounter, Patient, RecordItem
from clinical_assist.record.access import patient_for, patients_of, subject
from clinical_assist.record.errors import RecordError
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref


@dataclass(frozen=True, slots=True)
class Side:
    """One of two rows that may be one person, with how much hangs on it."""

    patient: Patient
    items: int
    encounters: int
    has_merged: bool


def side_of(patient: Patient) -> Side:
    """Return how much hangs on a row itself; inside ``acting_in``."""
    here = patient.organisation_id
    items = RecordItem.objects.for_organisation(here).filter(patient=patient)
    return Side(
        patient=patient,
        items=items.filter(superseded_at=None, entered_in_error=False).count(),
        encounters=Encounter.objects.for_organisation(here).filter(patient=patient).count(),
        has_merged=Patient.objects.for_organisation(here).filter(merged_into=patient).exists(),
    )


def merge(principal: Principal, keep_id: UUID, other_id: UUID) -> Patient:
    """Make ``other_id`` part of the record of ``keep_id``, whose name, birth date and numbers stay.

    Raises:
        RecordError: they are one already, or others are merged into the one that would be.
        Patient.DoesNotExist, NotInCareTeamError: as ``patient_for``, for either; an emergency grant does not suffice.
    """
    with acting_in(principal.organisation_id):
        keep, other = (_own(principal, one) for one in (keep_id, other_id))
        if keep == other:
            raise RecordError(_("These two are one record already."))
        # In the order of their ids, so that two people who merge the same pair wait for one another.
        locked = Patient.objects.for_organisation(principal.organisation_id).select_for_update().order_by("pk")
        rows = {one.pk: one for one in locked.filter(pk__in=[keep.pk, other.pk])}
        keep, other = rows[keep.pk], rows[other.pk]
        if keep.merged_into_id is not None or other.merged_into_id is not None:
            raise RecordError(_("Somebody else merged one of them meanwhile. Look at them again."))
        if side_of(other).has_merged:
            raise RecordError(_("Others are merged into that one: merge the other way round, or unmerge those first."))
        other.merged_into = keep
        other.save(update_fields=["merged_into"])
        _record(principal, keep, other, "clinical.patients_merged")
        return keep


def unmerge(principal: Principal, other_id: UUID) -> Patient:
    """Make a merged row a patient of its own again; what was written since stays with the one it was merged into.

    Raises:
        RecordError: it is not merged.
        Patient.DoesNotExist, NotInCareTeamError: as ``patient_for``; an emergency grant does not suffice.
    """
    with acting_in(principal.organisation_id):
        _own(principal, other_id)
        rows = Patient.objects.for_organisation(principal.organisation_id).select_for_update(of=("self",))
        other = rows.select_related("merged_into").get(pk=other_id)
        if other.merged_into is None:
            raise RecordError(_("This patient is not merged into another."))
        keep, other.merged_into = other.merged_into, None
        other.save(update_fields=["merged_into"])
        _record(principal, keep, other, "clinical.patients_unmerged")
        return other


def merged_into(principal: Principal, patient: Patient) -> list[Patient]:
    """Return the rows that were merged into a patient; inside ``acting_in``."""
    return list(patients_of(principal).filter(merged_into=patient).order_by("created_at"))


def _own(principal: Principal, patient_id: UUID) -> Patient:
    patient, purpose = patient_for(principal, patient_id)
    if purpose:
        raise RecordError(_("Emergency access does not merge records: ask somebody of the care team."))
    return patient


def _record(principal: Principal, keep: Patient, other: Patient, action: str) -> None:
    """Name the entry for both people: each may ask what was done with theirs."""
    for one, partner in ((keep, other), (other, keep)):
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action=action,
            subject=subject(one.pk),
            object=Ref("patient", partner.pk),
        )
