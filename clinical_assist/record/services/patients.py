"""Patients are added and corrected here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.models import CareTeamMember, Patient, RecordItem
from clinical_assist.record.access import is_clinician, lock_record, patient_for, rows_of, subject
from clinical_assist.record.errors import ChangedMeanwhileError, RecordError
from clinical_assist.record.items import Allergy
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.vault.blind import found_by

# The system of numbers that the organisation gives itself, as FHIR names systems.
OWN_NUMBER: Final = "urn:clinic:number"
_MOST_ALIKE: Final = 10
_NONE_KNOWN: Final = ("no_known_allergies_on", "no_known_allergies_by", "no_known_allergies_key", "revision")


@dataclass(frozen=True, slots=True)
class Demographics:
    """Who a patient is. ``number`` is the organisation's own; ``contact`` has "phone", "email" and "address"."""

    family_name: str
    given_names: str = ""
    birth_date: date | None = None
    sex: str = "unknown"
    deceased_on: date | None = None
    number: str = ""
    contact: dict[str, str] = field(default_factory=dict)


def own_number(patient: Patient) -> str:
    """Return the number that the organisation gave the patient; empty where it gave none."""
    return next((str(one["value"]) for one in patient.identifiers if one["system"] == OWN_NUMBER), "")


def alike(organisation_id: UUID, who: Demographics, *, but: UUID | None = None) -> list[Patient]:
    """Return patients of the organisation who may be the same person: the number, or name and birth date, agree.

    Inside ``acting_in``; who shows them records that.
    """
    rows = Patient.objects.for_organisation(organisation_id).filter(merged_into=None)
    if but is not None:
        rows = rows.exclude(pk=but)
    where = {"organisation_id": organisation_id}
    found: dict[UUID, Patient] = {}
    if who.number:
        same = rows.filter(found_by(Patient, "number_index", text=who.number, **where))
        found |= {one.pk: one for one in same[:_MOST_ALIKE]}
    if who.birth_date is not None:
        born = rows.filter(found_by(Patient, "birth_index", text=who.birth_date.isoformat(), **where))
        same = born.filter(found_by(Patient, "name_index", text=who.family_name, **where))
        found |= {one.pk: one for one in same[:_MOST_ALIKE]}
    return list(found.values())


def add_patient(principal: Principal, who: Demographics) -> Patient:
    """Add a patient; the clinician who does so is responsible for them.

    Raises:
        PermissionDenied: the principal is no clinician.
    """
    if not is_clinician(principal) or principal.id is None:
        raise PermissionDenied("patients are added by clinicians")
    with acting_in(principal.organisation_id):
        patient = Patient(organisation_id=principal.organisation_id, created_by_id=principal.id)
        _write(patient, who)
        patient.save(force_insert=True)
        CareTeamMember.objects.create(
            organisation_id=principal.organisation_id,
            patient=patient,
            person_id=principal.id,
            part=CareTeamMember.Part.RESPONSIBLE,
            added_by_id=principal.id,
        )
        _record(principal, patient, "clinical.patient_added", "")
        return patient


def correct_patient(principal: Principal, patient_id: UUID, who: Demographics, *, revision: int) -> Patient:
    """Correct who a patient is; ``revision`` is the one that was shown.

    Raises:
        ChangedMeanwhileError: somebody else saved since.
        Patient.DoesNotExist, NotInCareTeamError: as ``patient_for``.
    """
    with acting_in(principal.organisation_id):
        known, purpose = patient_for(principal, patient_id)
        patient = Patient.objects.for_organisation(principal.organisation_id).select_for_update().get(pk=known.pk)
        if patient.revision != revision:
            raise ChangedMeanwhileError(_("Somebody else corrected this patient meanwhile. Look at it again."))
        _write(patient, who)
        patient.revision += 1
        patient.save()
        _record(principal, patient, "clinical.patient_corrected", purpose)
        return patient


def say_no_known_allergies(principal: Principal, patient_id: UUID) -> Patient:
    """Say that the patient was asked today and that no allergies are known.

    Raises:
        RecordError: the record names an allergy that is active.
        Patient.DoesNotExist, NotInCareTeamError: as ``patient_for``.
    """
    with acting_in(principal.organisation_id):
        patient, purpose = patient_for(principal, patient_id)
        patient = lock_record(patient)
        rows = RecordItem.objects.for_organisation(principal.organisation_id).filter(
            patient_id__in=rows_of(patient),
            kind=RecordItem.Kind.ALLERGY,
            superseded_at=None,
            entered_in_error=False,
        )
        if any(Allergy.of(row.content).status == "active" for row in rows):
            raise RecordError(_("The record names an active allergy: end it, or mark it as entered in error, first."))
        patient.revision += 1
        set_none_known(patient, timezone.localdate(), by=principal.id)
        _record(principal, patient, "clinical.no_allergies_said", purpose)
        return patient


def take_back_no_known_allergies(principal: Principal, patient_id: UUID) -> Patient:
    """Take back the statement that none are known, which was made by mistake: it is unknown again.

    Raises:
        RecordError: nobody has made it.
        Patient.DoesNotExist, NotInCareTeamError: as ``patient_for``.
    """
    with acting_in(principal.organisation_id):
        patient, purpose = patient_for(principal, patient_id)
        patient = lock_record(patient)
        if patient.no_known_allergies_on is None:
            raise RecordError(_("Nobody has said that no allergies are known, or somebody took it back meanwhile."))
        patient.revision += 1
        end_none_known(patient)
        _record(principal, patient, "clinical.no_allergies_taken_back", purpose)
        return patient


def set_none_known(patient: Patient, on: date, *, by: UUID | None = None, source_key: bytes | None = None) -> None:
    """Keep in a locked row that none are known, since when and who says so: a person, or a resource of an import."""
    patient.no_known_allergies_on, patient.no_known_allergies_by_id = on, by
    patient.no_known_allergies_key = source_key
    patient.save(update_fields=_NONE_KNOWN)


def end_none_known(patient: Patient) -> None:
    """End the statement in a locked row that none are known, where there is one."""
    if patient.no_known_allergies_on is None:
        return
    patient.no_known_allergies_on = patient.no_known_allergies_by = patient.no_known_allergies_key = None
    patient.save(update_fields=_NONE_KNOWN)


def _write(patient: Patient, who: Demographics) -> None:
    patient.family_name, patient.given_names = who.family_name, who.given_names
    patient.birth_date, patient.sex, patient.deceased_on = who.birth_date, who.sex, who.deceased_on
    others = [one for one in patient.identifiers if one["system"] != OWN_NUMBER]
    patient.identifiers = [*([{"system": OWN_NUMBER, "value": who.number}] if who.number else []), *others]
    patient.numbers = [one["value"] for one in patient.identifiers]
    patient.contact = {name: text for name, text in who.contact.items() if text}


def _record(principal: Principal, patient: Patient, action: str, purpose: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=subject(patient.pk),
        purpose=purpose,
        digests={"revision": patient.revision},
    )
