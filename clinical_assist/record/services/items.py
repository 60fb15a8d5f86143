"""Items of the record: written, corrected, ended and marked as entered in error; never changed in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.models import Encounter, Patient, RecordItem
from clinical_assist.record.access import lock_record, patient_for, rows_of, subject
from clinical_assist.record.errors import ChangedMeanwhileError, RecordError
from clinical_assist.record.items import Allergy, Item, Medication, Problem, item_of
from clinical_assist.record.services.patients import end_none_known
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref

Written = tuple[str, Item]


def write_items(
    principal: Principal,
    patient_id: UUID,
    items: Sequence[Written],
    *,
    encounter_id: UUID | None = None,
    source: str = RecordItem.Source.HAND,
) -> list[RecordItem]:
    """Write (kind, item) pairs into a patient's record, all or none. An active allergy ends "none known".

    Raises:
        RecordError: the encounter is not this patient's.
        Patient.DoesNotExist, NotInCareTeamError: as ``patient_for``.
    """
    with acting_in(principal.organisation_id):
        patient, purpose = patient_for(principal, patient_id)
        patient = lock_record(patient)
        if encounter_id is not None and not _is_of(patient, encounter_id):
            raise RecordError(_("This visit is another patient’s."))
        return [
            _written(
                principal,
                patient,
                purpose,
                RecordItem(
                    patient=patient, kind=kind, content=item.content(), encounter_id=encounter_id, source=source
                ),
            )
            for kind, item in items
        ]


def correct_item(principal: Principal, item_id: UUID, item: Item) -> RecordItem:
    """Replace an item by a corrected one; the old row is kept, closed.

    Raises:
        ChangedMeanwhileError: it was corrected, or marked as entered in error, meanwhile.
        RecordItem.DoesNotExist, NotInCareTeamError: it is not there for the principal.
    """
    with acting_in(principal.organisation_id):
        old, patient, purpose = _held(principal, item_id)
        old.superseded_at = timezone.now()
        old.save(update_fields=["superseded_at"])
        # It stays with the row on which the old one is: unmerging two patients takes both versions along.
        new = RecordItem(
            patient_id=old.patient_id,
            kind=old.kind,
            content=item.content(),
            encounter_id=old.encounter_id,
            replaces=old,
        )
        return _written(principal, patient, purpose, new)


def end_item(principal: Principal, item_id: UUID) -> RecordItem:
    """End an item today: a problem or an allergy is resolved, a medicine stopped. Raises as :func:`correct_item`."""
    with acting_in(principal.organisation_id):
        old, _patient, _purpose = _held(principal, item_id)
        item, today = item_of(old), timezone.localdate().isoformat()
        match item:
            case Problem():
                return correct_item(principal, item_id, replace(item, status="resolved", ended=today))
            case Allergy():
                return correct_item(principal, item_id, replace(item, status="resolved"))
            case Medication():
                return correct_item(principal, item_id, replace(item, status="stopped", ended=today))
            case _:
                raise RecordError(_("Only problems, allergies and medicines end; correct this one instead."))


def set_in_error(principal: Principal, item_id: UUID, *, in_error: bool, reason: str) -> RecordItem:
    """Mark an item as entered in error, or take that back. The row is kept; the reason is sealed in the log.

    Raises:
        ChangedMeanwhileError: it was corrected meanwhile.
        RecordItem.DoesNotExist, NotInCareTeamError: it is not there for the principal.
    """
    with acting_in(principal.organisation_id):
        row, patient, purpose = _held(principal, item_id, in_error=not in_error)
        row.entered_in_error = in_error
        row.save(update_fields=["entered_in_error"])
        if not in_error:
            _end_none_known(patient, row)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="clinical.item_in_error",
            subject=subject(patient.pk),
            object=Ref("item", row.pk),
            purpose=purpose,
            digests={"kind": row.kind, "in_error": in_error},
            payload={"reason": reason},
        )
        return row


def _held(principal: Principal, item_id: UUID, *, in_error: bool = False) -> tuple[RecordItem, Patient, str]:
    """Return an item that holds, with the patient whose record it is in; nobody else writes into that meanwhile."""
    rows = RecordItem.objects.for_organisation(principal.organisation_id)
    try:
        patient, purpose = patient_for(principal, rows.get(pk=item_id).patient_id)
        patient = lock_record(patient)
    except Patient.DoesNotExist:
        raise RecordItem.DoesNotExist from None
    row = rows.select_for_update().get(pk=item_id)
    if row.superseded_at is not None or row.entered_in_error != in_error:
        raise ChangedMeanwhileError(_("Somebody else changed this entry meanwhile. Look at it again."))
    return row, patient, purpose


def _written(principal: Principal, patient: Patient, purpose: str, row: RecordItem) -> RecordItem:
    row.organisation_id, row.recorded_by_id = principal.organisation_id, principal.id
    row.save(force_insert=True)
    _end_none_known(patient, row)
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="clinical.item_corrected" if row.replaces_id else "clinical.item_written",
        subject=subject(patient.pk),
        object=Ref("item", row.pk),
        purpose=purpose,
        digests={"kind": row.kind, "source": row.source},
    )
    return row


def _end_none_known(patient: Patient, row: RecordItem) -> None:
    if row.kind == RecordItem.Kind.ALLERGY and Allergy.of(row.content).status == "active":
        end_none_known(patient)


def _is_of(patient: Patient, encounter_id: UUID) -> bool:
    rows = Encounter.objects.for_organisation(patient.organisation_id)
    return rows.filter(pk=encounter_id, patient_id__in=rows_of(patient)).exists()
