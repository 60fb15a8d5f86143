"""Calls of CDS Hooks as a clinical system sends them, about an invented woman with a long record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.utils import timezone

from clinical_assist.hooks.definitions import PREFETCH

LABORATORY: Final = 100
VITALS: Final = 50
_WHOSE: Final = {"reference": "Patient/bench"}
_PROBLEMS: Final = (
    ("38341003", "Hypertension"), ("44054006", "Diabetes mellitus type 2"), ("84114007", "Heart failure"),
    ("195967001", "Asthma"), ("90560007", "Gout"), ("396275006", "Osteoarthritis"),
)  # fmt: skip
_TAKEN: Final = (
    "Warfarin Sodium 5 MG Oral Tablet", "Lisinopril 10 MG Oral Tablet", "Metformin hydrochloride 500 MG Oral Tablet",
    "Atorvastatin 20 MG Oral Tablet", "Furosemide 40 MG Oral Tablet", "Bisoprolol fumarate 5 MG Oral Tablet",
    "Allopurinol 100 MG Oral Tablet", "Omeprazole 20 MG Delayed Release Oral Capsule",
)  # fmt: skip
_MEASURED: Final = (
    ("2823-3", "Potassium", 4.9, "mmol/L"), ("2951-2", "Sodium", 138.0, "mmol/L"),
    ("2160-0", "Creatinine", 1.2, "mg/dL"), ("718-7", "Hemoglobin", 12.4, "g/dL"), ("6301-6", "INR", 2.4, "{INR}"),
)  # fmt: skip
_ORDERED: Final = ("Ibuprofen 400 MG Oral Tablet", "Clarithromycin 500 MG Oral Tablet")


def message(hook: str) -> dict[str, Any]:
    """Return a call of a hook with everything prefetched that its service asks for."""
    context: dict[str, Any] = {"userId": "Practitioner/bench", "patientId": "bench"}
    if hook != "patient-view":
        orders = [_medication(f"order-{number}", name, "draft") for number, name in enumerate(_ORDERED)]
        context |= {"draftOrders": _bundle(orders, "collection")}
        if hook == "order-select":
            context |= {"selections": ["MedicationRequest/order-0"]}
    return {"hook": hook, "hookInstance": str(uuid4()), "context": context, "prefetch": _prefetch()}


def resources() -> int:
    """Return how many resources of the patient a call carries."""
    return sum(len(one["entry"]) if one["resourceType"] == "Bundle" else 1 for one in _prefetch().values())


def _prefetch() -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {
        "conditions": [_condition(number, *one) for number, one in enumerate(_PROBLEMS)],
        "allergies": [_allergy()],
        "medications": [_medication(f"taken-{number}", name, "active") for number, name in enumerate(_TAKEN)],
        "statements": [],
        "laboratory": list(_laboratory()),
        "vitals": list(_vitals()),
    }
    return {name: _bundle(found[name], "searchset") if name in found else _patient() for name in PREFETCH}


def _bundle(found: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": one} for one in found]}


def _concept(system: str, code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def _status(code: str, name: str = "condition-clinical") -> dict[str, Any]:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{name}", "code": code}]}


def _day(ago: int) -> str:
    return (timezone.now() - timedelta(days=ago)).isoformat()


def _patient() -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": "bench",
        "name": [{"family": "Bench", "given": ["Mark"]}],
        "gender": "female",
        "birthDate": "1957-03-11",
    }


def _condition(number: int, code: str, name: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": f"condition-{number}",
        "clinicalStatus": _status("active"),
        "code": _concept("http://snomed.info/sct", code, name),
        "subject": _WHOSE,
        "onsetDateTime": _day(1_000),
    }


def _allergy() -> dict[str, Any]:
    return {
        "resourceType": "AllergyIntolerance",
        "id": "allergy",
        "clinicalStatus": _status("active", "allergyintolerance-clinical"),
        "code": _concept("http://snomed.info/sct", "764146007", "Penicillin"),
        "patient": _WHOSE,
    }


def _medication(identity: str, name: str, status: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": identity,
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        "subject": _WHOSE,
        "authoredOn": _day(40),
        "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}],
    }


def _observation(identity: str, category: str, code: str, name: str, ago: int, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": identity,
        "status": "final",
        "category": [_status(category, "observation-category")],
        "code": _concept("http://loinc.org", code, name),
        "subject": _WHOSE,
        "effectiveDateTime": _day(ago),
        **more,
    }


def _quantity(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def _laboratory() -> Iterator[dict[str, Any]]:
    for number in range(LABORATORY):
        code, name, value, unit = _MEASURED[number % len(_MEASURED)]
        given = {"valueQuantity": _quantity(value, unit)}
        yield _observation(f"laboratory-{number}", "laboratory", code, name, 3 + number // len(_MEASURED), **given)


def _vitals() -> Iterator[dict[str, Any]]:
    for number in range(VITALS):
        parts = [
            {"code": _concept("http://loinc.org", code, name), "valueQuantity": _quantity(value, "mm[Hg]")}
            for code, name, value in (("8480-6", "Systolic", 138.0), ("8462-4", "Diastolic", 82.0))
        ]
        yield _observation(f"vital-{number}", "vital-signs", "85354-9", "Blood pressure", 1 + number, component=parts)
