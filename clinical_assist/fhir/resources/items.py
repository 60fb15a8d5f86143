"""The items of a record as resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from clinical_assist.fhir.codes import (
    ABSENT_REASON,
    ALLERGY_STATUS,
    ALLERGY_VERIFICATION,
    CONDITION_STATUS,
    CONDITION_VERIFICATION,
    NO_KNOWN_ALLERGY,
    OBSERVATION_CATEGORY,
    SNOMED,
)
from clinical_assist.fhir.resources.common import (
    Resource,
    coded,
    concept,
    head,
    notes,
    quantity,
    reference,
    time,
    without_empty,
)
from clinical_assist.models import Patient, RecordItem
from clinical_assist.record.items import Allergy, History, Measurement, Medication, Problem
from clinical_assist.record.measures import LOINC, MEASURES
from clinical_assist.record.queries import summarised
from clinical_assist.record.types import Entry

_UNITS = {"ug": "ug", "unit": "[iU]"}
_EVENTS = {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "unknown"}
_VACCINATED = {"completed", "not-done"}


def resource_of(entry: Entry[Any], patient_id: UUID) -> Resource:
    """Return an item as the resource of its kind."""
    return without_empty(_WRITERS[entry.kind](entry, patient_id))


def no_known_allergies(patient: Patient, entries: Iterable[Entry[Any]]) -> Resource | None:
    """Return the word that no allergies are known, None where nobody asked or the record names an active one."""
    asked = patient.no_known_allergies_on
    if asked is None or summarised(patient, "", entries).allergies_known != "none":
        return None
    return {
        "resourceType": "AllergyIntolerance",
        # The patient's own id: ids are unique among resources of one type.
        "id": str(patient.pk),
        "clinicalStatus": coded(ALLERGY_STATUS, "active"),
        "verificationStatus": coded(ALLERGY_VERIFICATION, "confirmed"),
        "code": concept("No known allergy", [(SNOMED, NO_KNOWN_ALLERGY, "No known allergy")]),
        "patient": reference("Patient", patient.pk),
        "recordedDate": asked.isoformat(),
    }


def _condition(entry: Entry[Problem], patient_id: UUID) -> Resource:
    item = entry.item
    return head("Condition", entry, patient_id) | {
        "clinicalStatus": coded(CONDITION_STATUS, item.status),
        "verificationStatus": coded(CONDITION_VERIFICATION, item.verification),
        "category": [coded("http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item")],
        "code": concept(item.name, item.codings),
        "encounter": reference("Encounter", entry.encounter_id),
        "onsetDateTime": time(item.on),
        "abatementDateTime": time(item.ended) if item.status != "active" else "",
        "recordedDate": entry.recorded_at.isoformat(),
        "note": notes(item),
    }


def _allergy(entry: Entry[Allergy], patient_id: UUID) -> Resource:
    item = entry.item
    # R4 asks for a manifestation wherever a severity is said.
    manifestation = [{"text": item.reaction}] if item.reaction else [coded(ABSENT_REASON, "unknown")]
    reaction = without_empty({"manifestation": manifestation, "severity": item.severity})
    return head("AllergyIntolerance", entry, patient_id, subject="patient") | {
        "clinicalStatus": coded(ALLERGY_STATUS, item.status),
        "verificationStatus": coded(ALLERGY_VERIFICATION, "confirmed"),
        "category": [item.category] if item.category else [],
        "criticality": item.criticality,
        "code": concept(item.name, item.codings),
        "recordedDate": time(item.on),
        "reaction": [reaction] if item.reaction or item.severity else [],
        "note": notes(item),
    }


def _medication(entry: Entry[Medication], patient_id: UUID) -> Resource:
    item = entry.item
    dosage = dosage_of(item.dose_text, item.dose, item.unit, item.times_a_day, route=item.route)
    return head("MedicationRequest", entry, patient_id) | {
        "status": item.status,
        "intent": "order",
        # What is taken and was not ordered here is what somebody reported.
        "reportedBoolean": entry.source == RecordItem.Source.HAND,
        "medicationCodeableConcept": concept(item.name, item.codings),
        "encounter": reference("Encounter", entry.encounter_id),
        "authoredOn": time(item.on),
        "dosageInstruction": [dosage] if dosage else [],
        "note": notes(item),
    }


def dosage_of(text: str, dose: float | None, unit: str, times_a_day: float | None, *, route: str = "") -> Resource:
    """Return a Dosage."""
    timing = {}
    if times_a_day and times_a_day >= 1 and float(times_a_day).is_integer():
        timing = {"repeat": {"frequency": int(times_a_day), "period": 1, "periodUnit": "d"}}
    elif times_a_day and times_a_day < 1:
        timing = {"repeat": {"frequency": 1, "period": round(1 / times_a_day), "periodUnit": "d"}}
    amount = quantity(dose, _UNITS.get(unit, unit)) if unit else {}
    return without_empty(
        {
            "text": text,
            "timing": timing,
            "route": {"text": route} if route else {},
            "doseAndRate": [{"doseQuantity": amount}] if amount else [],
        }
    )


def _measurement(entry: Entry[Measurement], patient_id: UUID) -> Resource:
    item = entry.item
    measure = MEASURES.get(item.measure)
    own = [(LOINC, measure.loinc[0], "")] if measure and not item.codings else []
    category = "vital-signs" if entry.kind == RecordItem.Kind.VITAL else "laboratory"
    bounds = {"low": quantity(item.low, item.unit), "high": quantity(item.high, item.unit)}
    given = item.value is not None or item.text
    return _observation(entry, patient_id, category) | {
        "code": concept(item.name, [*item.codings, *own]),
        "valueQuantity": quantity(item.value, item.unit),
        "valueString": item.text if item.value is None else "",
        "dataAbsentReason": {} if given else coded(ABSENT_REASON, "unknown"),
        "referenceRange": [without_empty(bounds)] if any(bounds.values()) else [],
    }


def _observation(entry: Entry[Any], patient_id: UUID, category: str) -> Resource:
    return head("Observation", entry, patient_id) | {
        "status": "amended" if entry.is_corrected else "final",
        "category": [coded(OBSERVATION_CATEGORY, category)],
        "encounter": reference("Encounter", entry.encounter_id),
        "effectiveDateTime": time(entry.item.on),
        "note": notes(entry.item),
    }


def _history(entry: Entry[History], patient_id: UUID) -> Resource:
    return _HISTORY.get(entry.item.topic, _asked)(entry, patient_id)


def _asked(entry: Entry[History], patient_id: UUID) -> Resource:
    item = entry.item
    category = "social-history" if item.topic in {"social", "pregnancy"} else "survey"
    return _observation(entry, patient_id, category) | {
        "code": concept(item.name, item.codings),
        "valueString": item.status,
        "dataAbsentReason": {} if item.status else coded(ABSENT_REASON, "unknown"),
    }


def _procedure(entry: Entry[History], patient_id: UUID) -> Resource:
    item = entry.item
    return head("Procedure", entry, patient_id) | {
        "status": item.status if item.status in _EVENTS else "completed",
        "code": concept(item.name, item.codings),
        "encounter": reference("Encounter", entry.encounter_id),
        "performedDateTime": time(item.on),
        "note": notes(item),
    }


def _immunisation(entry: Entry[History], patient_id: UUID) -> Resource:
    item, on = entry.item, time(entry.item.on)
    return head("Immunization", entry, patient_id, subject="patient") | {
        "status": item.status if item.status in _VACCINATED else "completed",
        "vaccineCode": concept(item.name, item.codings),
        "encounter": reference("Encounter", entry.encounter_id),
        "occurrenceDateTime": on,
        "occurrenceString": "" if on else "unknown",
        "note": notes(item),
    }


def _family(entry: Entry[History], patient_id: UUID) -> Resource:
    item = entry.item
    relative, _colon, what = item.name.rpartition(": ")
    return head("FamilyMemberHistory", entry, patient_id, subject="patient") | {
        "status": "completed",
        "relationship": {"text": relative or "family member"},
        "date": time(item.on),
        "condition": [{"code": concept(what, item.codings)}],
        "note": notes(item),
    }


_HISTORY: Mapping[str, Callable[[Entry[History], UUID], Resource]] = {
    "procedure": _procedure,
    "immunisation": _immunisation,
    "family": _family,
}
_WRITERS: Mapping[str, Callable[[Entry[Any], UUID], Resource]] = {
    RecordItem.Kind.PROBLEM: _condition,
    RecordItem.Kind.ALLERGY: _allergy,
    RecordItem.Kind.MEDICATION: _medication,
    RecordItem.Kind.VITAL: _measurement,
    RecordItem.Kind.LABORATORY: _measurement,
    RecordItem.Kind.HISTORY: _history,
}
