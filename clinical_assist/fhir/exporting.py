"""The whole record of a patient as one FHIR R4 bundle, checked before it is handed out."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.fhir.errors import FhirError
from clinical_assist.fhir.reading import problems
from clinical_assist.fhir.resources import documents, people
from clinical_assist.fhir.resources.common import Resource
from clinical_assist.fhir.resources.items import no_known_allergies, resource_of
from clinical_assist.models import Encounter, Note, Patient, PlanDraft, PlanLine
from clinical_assist.notes.sections import sections_of
from clinical_assist.plans.queries import signed_and_draft_lines
from clinical_assist.record.access import patient_for, rows_of, subject
from clinical_assist.record.queries import entries_of, names_of
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.interchange import balp
from llmasos.audit.reading import Selection
from llmasos.audit.services import record
from llmasos.audit.types import Ref

_SIGNED = (Note.State.SIGNED, Note.State.AMENDED)


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle as text, and how many resources of each type it holds."""

    patient_id: UUID
    text: str
    counts: Mapping[str, int]


def export_record(principal: Principal, patient_id: UUID) -> Exported:
    """Return the record of a patient, merged rows included, with who saw it; recorded as an export.

    Raises:
        Patient.DoesNotExist: there is none that the principal may know of.
        NotInCareTeamError: a clinician outside the care team.
        FhirError: the bundle is not as R4 asks, so that it is not handed out.
    """
    with acting_in(principal.organisation_id):
        patient, purpose = patient_for(principal, patient_id)
        resources = list(_resources(patient))
        bundle = _bundle(resources)
        if wrong := problems(bundle):
            raise FhirError(_("The record could not be written as FHIR R4: %(problem)s") % {"problem": wrong})
        text = json.dumps(bundle, ensure_ascii=False, indent=1)
        counts = Counter(one["resourceType"] for one in resources)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="clinical.record_exported",
            subject=subject(patient.pk),
            object=Ref("record", patient.pk),
            purpose=purpose,
            digests={"bundle": hashlib.sha256(text.encode()).hexdigest(), "resources": len(resources)},
        )
        return Exported(patient.pk, text, dict(sorted(counts.items())))


def _resources(patient: Patient) -> Iterator[Resource]:
    yield people.patient(patient)
    rows = rows_of(patient)
    owned = {"organisation_id": patient.organisation_id}
    for encounter in Encounter.objects.filter(**owned, patient_id__in=rows):
        yield people.encounter(encounter, patient)
    entries = entries_of(patient)
    none_known = no_known_allergies(patient, entries)
    if none_known is not None:
        yield none_known
    for entry in entries:
        resource = resource_of(entry, patient.pk)
        yield resource
        yield documents.provenance(entry, resource)
    drafts = PlanLine.objects.filter(
        **owned, patient_id__in=rows, plan__state=PlanDraft.State.DRAFT, kind=PlanLine.Kind.MEDICINE, removed_at=None
    )
    stopped = {one.id for one in signed_and_draft_lines(patient) if one.is_stopped or one.line.stopped}
    for line in drafts.select_related("plan"):
        # What an alert stops, by the record as it is now, is no order until somebody has given a reason.
        if line.pk not in stopped:
            yield documents.draft_order(line, patient, line.plan.encounter_id)
    notes = list(Note.objects.filter(**owned, patient_id__in=rows, state__in=_SIGNED).prefetch_related("addenda"))
    names = names_of(note.signed_by_id for note in notes)
    for note in notes:
        author = names.get(note.signed_by_id, "") if note.signed_by_id else ""
        yield documents.composition(note, patient, _sentences(note), author or "unknown")
    yield from _accesses(patient, rows)


def _sentences(note: Note) -> dict[str, list[str]]:
    """Return the sentences of each section as they were signed."""
    return {name: [one.text for one in said] for name, said in sections_of(note.sections).items()}


def _accesses(patient: Patient, rows: list[UUID]) -> Iterator[Resource]:
    """Yield who saw and changed the record, as the log knows it: ids and digests, no names and no words."""
    for row in rows:
        text = "".join(balp.bundle(patient.organisation_id, Selection(subject_id=row)))
        yield from (one["resource"] for one in json.loads(text)["entry"])


def _bundle(resources: list[Resource]) -> Resource:
    """Return a collection in which every resource has a uuid as its address, and references lead to these."""
    known = {name: f"urn:uuid:{uuid5(UUID(one['id']), name)}" for one in resources if (name := _name(one))}
    return {
        "resourceType": "Bundle",
        "id": str(uuid4()),
        "type": "collection",
        "timestamp": timezone.now().isoformat(),
        "entry": [{"fullUrl": known[_name(one)], "resource": _led(one, known)} for one in resources],
    }


def _name(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _led(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {
            name: known.get(one, one) if name == "reference" and isinstance(one, str) else _led(one, known)
            for name, one in value.items()
        }
    return [_led(one, known) for one in value] if isinstance(value, list) else value
