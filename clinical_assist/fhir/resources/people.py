"""Patients and encounters as resources."""

from __future__ import annotations

from clinical_assist.fhir.resources.common import Resource, reference, without_empty
from clinical_assist.models import Encounter, Patient

_STATUS = {
    Encounter.State.PLANNED: "planned",
    Encounter.State.OPEN: "in-progress",
    Encounter.State.CLOSED: "finished",
    Encounter.State.CANCELLED: "cancelled",
}


def patient(row: Patient) -> Resource:
    """Return a Patient."""
    telecom = [{"system": name, "value": row.contact[name]} for name in ("phone", "email") if row.contact.get(name)]
    name = without_empty({"family": row.family_name, "given": row.given_names.split()})
    return without_empty(
        {
            "resourceType": "Patient",
            "id": str(row.pk),
            "identifier": [without_empty(one) for one in row.identifiers],
            "name": [name],
            "telecom": telecom,
            "gender": row.sex,
            "birthDate": row.birth_date.isoformat() if row.birth_date else "",
            "deceasedDateTime": row.deceased_on.isoformat() if row.deceased_on else "",
            "address": [{"text": row.contact["address"]}] if row.contact.get("address") else [],
        }
    )


def encounter(row: Encounter, patient: Patient) -> Resource:
    """Return an Encounter of the patient whose record it belongs to."""
    ended = row.ended_at.isoformat() if row.ended_at else ""
    return without_empty(
        {
            "resourceType": "Encounter",
            "id": str(row.pk),
            "status": _STATUS[Encounter.State(row.state)],
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": reference("Patient", patient.pk),
            "period": without_empty({"start": row.starts_at.isoformat(), "end": ended}),
            "reasonCode": [{"text": row.reason}] if row.reason else [],
        }
    )
