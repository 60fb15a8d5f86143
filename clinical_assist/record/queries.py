"""Reads of the record; all inside ``acting_in``, each of a patient's data recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from clinical_assist.calculators.kidney import filtration_rate
from clinical_assist.models import Patient, RecordItem
from clinical_assist.record.access import patient_for, rows_of, subject
from clinical_assist.record.items import Item, item_of
from clinical_assist.record.measures import value_in
from clinical_assist.record.types import Computed, Entry, Summary, age_on, newest_first
from llmasos.accounts.models import Person
from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref

T = TypeVar("T", bound=Item)
ADULT_YEARS = 18


def read_recorded(principal: Principal, patient: Patient, purpose: str, *, part: str, count: int) -> None:
    """Record that ``count`` items of a patient's record were read; ``part`` is a code, such as "summary"."""
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="clinical.record_read",
        subject=subject(patient.pk),
        object=Ref("record", patient.pk),
        purpose=purpose,
        digests={"part": part, "count": count},
    )


def summary(principal: Principal, patient: Patient) -> Summary:
    """Return the patient whose record this is with all that is known, and record that it was read.

    Raises:
        Patient.DoesNotExist: there is none that the principal may know of.
        NotInCareTeamError: a clinician outside the care team, who can ask for emergency access.
    """
    patient, purpose = patient_for(principal, patient.pk)
    entries = entries_of(patient)
    read_recorded(principal, patient, purpose, part="summary", count=len(entries))
    return summarised(patient, purpose, entries)


def summarised(patient: Patient, purpose: str, entries: Iterable[Entry[Any]]) -> Summary:
    """Sort the entries of a patient into a summary."""
    of: dict[str, list[Entry[Any]]] = {kind: [] for kind in RecordItem.Kind.values}
    for one in entries:
        of[one.kind].append(one)
    return Summary(
        patient=patient,
        purpose=purpose,
        problems=newest_first(of[RecordItem.Kind.PROBLEM]),
        allergies=newest_first(of[RecordItem.Kind.ALLERGY]),
        medications=newest_first(of[RecordItem.Kind.MEDICATION]),
        vitals=newest_first(of[RecordItem.Kind.VITAL]),
        laboratory=newest_first(of[RecordItem.Kind.LABORATORY]),
        history=newest_first(of[RecordItem.Kind.HISTORY]),
    )


def entries_of(patient: Patient) -> list[Entry[Any]]:
    """Return what holds of a patient now, merged rows included: neither superseded nor entered in error."""
    rows = list(
        RecordItem.objects.for_organisation(patient.organisation_id).filter(
            patient_id__in=rows_of(patient), superseded_at=None, entered_in_error=False
        )
    )
    return entries_from(rows)


def entries_from(rows: list[RecordItem]) -> list[Entry[Any]]:
    """Return rows as entries, with the names of who wrote them."""
    names = names_of(row.recorded_by_id for row in rows)
    return [
        Entry(
            id=row.pk,
            kind=row.kind,
            item=item_of(row),
            source=row.source,
            recorded_at=row.recorded_at,
            recorded_by=names.get(row.recorded_by_id, "") if row.recorded_by_id else "",
            encounter_id=row.encounter_id,
            is_corrected=row.replaces_id is not None,
        )
        for row in rows
    ]


def names_of(people: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of staff by id."""
    return {person.pk: str(person) for person in Person.objects.filter(pk__in={one for one in people if one})}


def kidney_function(found: Summary) -> Computed | None:
    """Return the eGFR: measured, or by CKD-EPI 2021 from a later creatinine of an adult whose sex is known."""
    measured, creatinine = found.latest("egfr"), found.latest("creatinine")
    if measured is not None and (creatinine is None or measured.when >= creatinine.when):
        value = measured.item.value
        return None if value is None else Computed(value, measured.item.unit, measured.on, _("measured"))
    if creatinine is None or found.patient.sex not in {"female", "male"}:
        return None
    age = age_on(found.patient.birth_date, creatinine.when.date())
    level = value_in(creatinine.item, "mg/dL")
    if age is None or age < ADULT_YEARS or level is None or level <= 0:
        return None
    rate = filtration_rate(age, level, female=found.patient.sex == "female")
    return Computed(rate, "mL/min/{1.73_m2}", creatinine.on, _("CKD-EPI 2021, from creatinine"))
