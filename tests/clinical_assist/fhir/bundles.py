"""Small records of invented people as other systems would send them."""

from __future__ import annotations

import json
from typing import Any

PATIENT = "urn:uuid:0b0f6d3e-6f5c-4a9e-9d53-1d4f0d9f2a10"
VISIT = "urn:uuid:5a6f6b0e-10d7-4c2b-8d53-6a4f0d9f2a11"


def concept(system: str, code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def loinc(code: str, text: str) -> dict[str, Any]:
    return concept("http://loinc.org", code, text)


def snomed(code: str, text: str) -> dict[str, Any]:
    return concept("http://snomed.info/sct", code, text)


def category(code: str) -> list[dict[str, Any]]:
    return [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": code}]}]


def quantity(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def bundle(*resources: dict[str, Any]) -> bytes:
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def patient(**changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": PATIENT.removeprefix("urn:uuid:"),
        "identifier": [{"system": "urn:other:number", "value": "K-7731"}],
        "name": [{"use": "official", "family": "Osei", "given": ["Kwame", "Kofi"]}],
        "gender": "male",
        "birthDate": "1971-09-30",
        **changed,
    }


def visit(**changed: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": VISIT.removeprefix("urn:uuid:"),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "reasonCode": [{"text": "Swollen ankles"}],
        "subject": {"reference": PATIENT},
        "period": {"start": "2026-03-02T09:00:00+00:00", "end": "2026-03-02T09:20:00+00:00"},
        **changed,
    }


def of_patient(type_: str, number: int, **content: Any) -> dict[str, Any]:
    """Return a resource about the patient, with an id made from the number."""
    whose = "patient" if type_ in {"AllergyIntolerance", "Immunization", "FamilyMemberHistory"} else "subject"
    identity = f"00000000-0000-4000-8000-{number:012d}"
    return {"resourceType": type_, "id": identity, whose: {"reference": PATIENT}, **content}


def pressure(number: int = 20, *, systolic: float = 152, status: str = "final") -> dict[str, Any]:
    return of_patient(
        "Observation",
        number,
        status=status,
        category=category("vital-signs"),
        code=loinc("85354-9", "Blood pressure"),
        encounter={"reference": VISIT},
        effectiveDateTime="2026-03-02T09:05:00+00:00",
        component=[
            {"code": loinc("8480-6", "Systolic blood pressure"), "valueQuantity": quantity(systolic, "mm[Hg]")},
            {"code": loinc("8462-4", "Diastolic blood pressure"), "valueQuantity": quantity(94, "mm[Hg]")},
        ],
    )


def potassium(number: int = 21) -> dict[str, Any]:
    return of_patient(
        "Observation",
        number,
        status="final",
        category=category("laboratory"),
        code=loinc("2823-3", "Potassium"),
        effectiveDateTime="2026-03-01",
        valueQuantity=quantity(4.4, "mmol/L"),
        referenceRange=[{"low": quantity(3.5, "mmol/L"), "high": quantity(5.1, "mmol/L")}],
    )


def condition(number: int = 22) -> dict[str, Any]:
    status = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    return of_patient(
        "Condition",
        number,
        clinicalStatus={"coding": [{"system": status, "code": "active"}]},
        code=snomed("42343007", "Heart failure"),
        onsetDateTime="2025-11",
    )


def medication(number: int = 23, name: str = "Furosemide 40 MG Oral Tablet", **changed: Any) -> dict[str, Any]:
    return of_patient(
        "MedicationRequest",
        number,
        **{
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": name},
            "authoredOn": "2026-03-02",
            "dosageInstruction": [
                {
                    "text": "40 mg in the morning",
                    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                    "doseAndRate": [{"doseQuantity": quantity(40, "mg")}],
                }
            ],
            **changed,
        },
    )


def allergy(number: int = 24, code: dict[str, Any] | None = None) -> dict[str, Any]:
    status = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
    return of_patient(
        "AllergyIntolerance",
        number,
        clinicalStatus={"coding": [{"system": status, "code": "active"}]},
        code=code or snomed("91936005", "Penicillins"),
        criticality="high",
        recordedDate="2019-05-04",
        reaction=[{"manifestation": [{"text": "Hives"}], "severity": "moderate"}],
    )


def record() -> bytes:
    """Return a whole record: a patient, a visit, and one of each thing that is known."""
    return bundle(
        patient(),
        visit(),
        pressure(),
        potassium(),
        condition(),
        medication(),
        allergy(),
        of_patient(
            "Observation", 25, status="final", category=category("social-history"),
            code=loinc("72166-2", "Tobacco smoking status"), valueCodeableConcept={"text": "Never smoked"},
        ),
        of_patient("Procedure", 26, status="completed", code=snomed("40701008", "Echocardiography")),
        of_patient(
            "Immunization", 27, status="completed", occurrenceDateTime="2025-10-01",
            vaccineCode=concept("http://hl7.org/fhir/sid/cvx", "140", "Influenza"),
        ),
        of_patient(
            "FamilyMemberHistory", 28, status="completed", relationship={"text": "Father"},
            condition=[{"code": {"text": "Myocardial infarction"}}],
        ),
        of_patient("CarePlan", 29, status="active", intent="plan"),
    )  # fmt: skip
