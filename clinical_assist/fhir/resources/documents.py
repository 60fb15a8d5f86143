"""Signed notes, orders of a plan draft, and where each item comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clinical_assist.fhir.resources.common import Resource, concept, reference, without_empty
from clinical_assist.fhir.resources.items import dosage_of
from clinical_assist.models import Note, Patient, PlanLine, RecordItem
from clinical_assist.record.measures import LOINC
from clinical_assist.record.types import Entry

_XHTML = "http://www.w3.org/1999/xhtml"
_PROVENANCE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_SECTIONS: Mapping[str, tuple[str, str]] = {
    "subjective": ("61150-9", "Subjective"),
    "objective": ("61149-1", "Objective"),
    "assessment": ("51848-0", "Assessment"),
    "plan": ("18776-5", "Plan"),
}


def composition(note: Note, patient: Patient, sections: Mapping[str, list[str]], author: str) -> Resource:
    """Return a signed note; ``sections`` are its sentences. What was added later stands in sections of its own."""
    found = [
        {
            "title": title,
            "code": concept(title, [(LOINC, code, title)]),
            "text": _narrative(sections[name]),
        }
        for name, (code, title) in _SECTIONS.items()
        if sections.get(name)
    ]
    found += [
        {"title": "Addendum", "text": _narrative([f"{one.signed_at.isoformat()}: {one.text}"])}
        for one in note.addenda.all()
    ]
    return without_empty(
        {
            "resourceType": "Composition",
            "id": str(note.pk),
            "status": "amended" if note.state == Note.State.AMENDED else "final",
            "type": concept("Progress note", [(LOINC, "11506-3", "Progress note")]),
            "subject": reference("Patient", patient.pk),
            "encounter": reference("Encounter", note.encounter_id),
            "date": (note.signed_at or note.created_at).isoformat(),
            "author": [{"display": author}],
            "title": "Progress note",
            "section": found,
        }
    )


def draft_order(line: PlanLine, patient: Patient, encounter_id: UUID) -> Resource:
    """Return a medicine of a plan that nobody has signed: a draft, and nothing that anybody should act upon."""
    given: Mapping[str, Any] = line.content
    dosage = dosage_of(
        str(given.get("note") or ""), given.get("dose"), str(given.get("unit") or ""), given.get("times_a_day")
    )
    return without_empty(
        {
            "resourceType": "MedicationRequest",
            "id": str(line.pk),
            "status": "draft",
            "intent": "order",
            "medicationCodeableConcept": {"text": str(given.get("medicine") or given["text"])},
            "subject": reference("Patient", patient.pk),
            "encounter": reference("Encounter", encounter_id),
            "dosageInstruction": [dosage] if dosage else [],
        }
    )


def provenance(entry: Entry[Any], target: Resource) -> Resource:
    """Return where an item comes from: who wrote it when, or that it was imported."""
    is_import = entry.source == RecordItem.Source.IMPORT
    who = entry.recorded_by or ("another system" if is_import else "the system")
    kind = "enterer" if is_import else "author"
    return {
        "resourceType": "Provenance",
        # The item's own id: ids are unique among resources of one type.
        "id": str(entry.id),
        "target": [{"reference": f"{target['resourceType']}/{target['id']}"}],
        "recorded": entry.recorded_at.isoformat(),
        "activity": {"text": entry.source},
        "agent": [
            {"type": {"coding": [{"system": _PROVENANCE, "code": kind}]}, "who": {"display": who}},
        ],
    }


def _narrative(sentences: list[str]) -> Resource:
    said: SafeString = format_html_join("", "<p>{}</p>", ((one,) for one in _lines(sentences)))
    return {"status": "generated", "div": str(format_html('<div xmlns="{}">{}</div>', _XHTML, said))}


def _lines(sentences: list[str]) -> Iterator[str]:
    yield from (one for one in sentences if one.strip())
