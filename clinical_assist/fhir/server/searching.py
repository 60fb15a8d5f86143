"""Reading and searching the record for a program; every read is recorded for its patient."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from clinical_assist.fhir.resources import documents, people
from clinical_assist.fhir.resources.common import Resource
from clinical_assist.fhir.resources.items import no_known_allergies, resource_of
from clinical_assist.fhir.server.clients import Reader
from clinical_assist.models import Encounter, Patient, RecordItem
from clinical_assist.record.access import patient_for, patients_of, rows_of, subject
from clinical_assist.record.queries import entries_from, entries_of
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.vault.blind import found_by

MOST: Final = 200
USUAL: Final = 50
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "Patient": ("_id", "identifier"),
    "Encounter": ("_id", "patient", "date"),
    "Condition": ("_id", "patient", "category", "code", "clinical-status"),
    "AllergyIntolerance": ("_id", "patient", "code"),
    "MedicationRequest": ("_id", "patient", "status"),
    "Observation": ("_id", "patient", "category", "code", "date"),
    "Procedure": ("_id", "patient", "code", "date"),
    "Immunization": ("_id", "patient", "date"),
    "Provenance": ("_id", "patient"),
}
PERSONAL: Final = frozenset({"identifier"})
"""Parameters that say who somebody is: they are posted, and stand in no address."""
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "Condition": (RecordItem.Kind.PROBLEM,),
    "AllergyIntolerance": (RecordItem.Kind.ALLERGY,),
    "MedicationRequest": (RecordItem.Kind.MEDICATION,),
    "Observation": (RecordItem.Kind.VITAL, RecordItem.Kind.LABORATORY, RecordItem.Kind.HISTORY),
    "Procedure": (RecordItem.Kind.HISTORY,),
    "Immunization": (RecordItem.Kind.HISTORY,),
    "Provenance": tuple(RecordItem.Kind.values),
}
_TIMES: Final = ("effectiveDateTime", "performedDateTime", "occurrenceDateTime")
_DATE: Final = re.compile(r"(eq|ge|le|gt|lt)?(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:T.*)?")


class SearchError(Exception):
    """A search that cannot be made; the message is for people and repeats no value."""


@dataclass(frozen=True, slots=True)
class Search:
    """A search: values by parameter (each a list, all of which must hold), the size of a page, and where it begins."""

    type: str
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    count: int = USUAL
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, and how many there are in all."""

    resources: tuple[Resource, ...]
    total: int


def search_of(type_: str, given: Iterable[tuple[str, str]]) -> Search:
    """Read the parameters of a search. Raises SearchError for what is not known here."""
    values: dict[str, tuple[str, ...]] = {}
    numbers = {"_count": USUAL, "_offset": 0}
    for name, value in given:
        if name in numbers:
            if not value.isdecimal() or len(value) > 6:
                raise SearchError(_("%(name)s is no number.") % {"name": name})
            numbers[name] = int(value)
        elif name == "_format":
            continue
        elif name not in PARAMETERS[type_]:
            known = ", ".join((*PARAMETERS[type_], "_count"))
            raise SearchError(_("This search is not known here. Known ones: %(names)s.") % {"names": known})
        else:
            values[name] = (*values.get(name, ()), value)
    return Search(type_, values, min(max(1, numbers["_count"]), MOST), numbers["_offset"])


def search(reader: Reader, asked: Search) -> Found:
    """Return one page. Inside ``acting_in``. Raises SearchError."""
    if asked.type == "Patient":
        return _patients(reader, asked)
    if "patient" not in asked.values and "_id" not in asked.values:
        raise SearchError(_("Name the patient: patient=ID, or one resource: _id=ID."))
    if "patient" in asked.values:
        patient = _patient(reader, asked.values["patient"][0].removeprefix("Patient/"))
        found = list(_of_patient(patient, asked.type)) if patient is not None else []
    else:
        one = _one(reader, asked.type, asked.values["_id"][0])
        patient, found = (None, []) if one is None else (one[0], [one[1]])
    kept = [one for one in found if _fits(one, asked.values)]
    page = tuple(kept[asked.offset : asked.offset + asked.count])
    if patient is not None:
        _record(reader, patient, asked.type, len(page))
    return Found(page, len(kept))


def read(reader: Reader, type_: str, identity: str) -> Resource | None:
    """Return one resource; None where there is none. Inside ``acting_in``."""
    found = _one(reader, type_, identity)
    if found is None:
        return None
    patient, resource = found
    _record(reader, patient, type_, 1)
    return resource


def _patients(reader: Reader, asked: Search) -> Found:
    rows = patients_of(reader.principal).filter(merged_into=None).order_by("created_at", "pk")
    for value in asked.values.get("_id", ()):
        rows = rows.filter(pk=_uuid(value))
    for value in asked.values.get("identifier", ()):
        number = value.rpartition("|")[2]
        rows = rows.filter(
            found_by(Patient, "number_index", organisation_id=reader.client.organisation_id, text=number)
        )
    total = rows.count()
    page = []
    for row in rows[asked.offset : asked.offset + asked.count]:
        page.append(people.patient(row))
        _record(reader, row, "Patient", 1)
    return Found(tuple(page), total)


def _one(reader: Reader, type_: str, identity: str) -> tuple[Patient, Resource] | None:
    """Return one resource with its patient."""
    key, organisation = _uuid(identity), reader.client.organisation_id
    if type_ == "Patient":
        patient = _patient(reader, identity)
        return None if patient is None else (patient, people.patient(patient))
    if type_ == "Encounter":
        visit = Encounter.objects.for_organisation(organisation).filter(pk=key).first()
        patient = None if visit is None else _patient(reader, str(visit.patient_id))
        return None if visit is None or patient is None else (patient, people.encounter(visit, patient))
    if type_ == "AllergyIntolerance" and (patient := _patient(reader, identity)) is not None:
        said = no_known_allergies(patient, entries_of(patient))
        return None if said is None else (patient, said)
    rows = RecordItem.objects.for_organisation(organisation).filter(superseded_at=None, entered_in_error=False)
    row = rows.filter(pk=key).first()
    patient = None if row is None or row.kind not in _KINDS[type_] else _patient(reader, str(row.patient_id))
    if row is None or patient is None:
        return None
    (entry,) = entries_from([row])
    resource = resource_of(entry, patient.pk)
    if type_ == "Provenance":
        resource = documents.provenance(entry, resource)
    return (patient, resource) if resource["resourceType"] == type_ else None


def _of_patient(patient: Patient, type_: str) -> Iterator[Resource]:
    """Yield all resources of a type, the newest first."""
    if type_ == "Encounter":
        rows = Encounter.objects.for_organisation(patient.organisation_id).filter(patient_id__in=rows_of(patient))
        yield from (people.encounter(row, patient) for row in rows)
        return
    entries = entries_of(patient)
    if type_ == "AllergyIntolerance" and (said := no_known_allergies(patient, entries)) is not None:
        yield said
    kept = [one for one in entries if one.kind in _KINDS[type_]]
    for entry in sorted(kept, key=lambda one: (one.when, str(one.id)), reverse=True):
        resource = resource_of(entry, patient.pk)
        if type_ == "Provenance":
            yield documents.provenance(entry, resource)
        elif resource["resourceType"] == type_:
            yield resource


def _patient(reader: Reader, identity: str) -> Patient | None:
    try:
        return patient_for(reader.principal, _uuid(identity))[0]
    except Patient.DoesNotExist:
        return None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        # The nil uuid is nobody's: an id of another form is one that does not exist.
        return UUID(int=0)


def _fits(resource: Resource, values: Mapping[str, tuple[str, ...]]) -> bool:
    return all(_TESTS[name](resource, value) for name, given in values.items() for value in given if name in _TESTS)


def _token(element: str) -> Callable[[Resource, str], bool]:
    """Return the test of a token parameter: ``code``, ``system|code``, or several by commas."""

    def fits(resource: Resource, value: str) -> bool:
        held = resource.get(element)
        concepts = held if isinstance(held, list) else [held]
        coded = {(one.get("system", ""), one.get("code", "")) for each in concepts for one in _codings(each)}
        return any(_is_one(coded, wanted) for wanted in value.split(","))

    return fits


def _is_one(coded: set[tuple[str, str]], wanted: str) -> bool:
    system, bar, code = wanted.rpartition("|")
    return any(code == held and (not bar or system == of) for of, held in coded)


def _codings(concept: Any) -> list[dict[str, str]]:
    if isinstance(concept, str):
        return [{"code": concept}]
    return list(concept.get("coding", [])) if isinstance(concept, Mapping) else []


def _in_time(resource: Resource, value: str) -> bool:
    match = _DATE.fullmatch(value)
    if match is None:
        raise SearchError(_("A date is written as 2026-03-31, with eq, ge, gt, le or lt before it."))
    prefix, wanted = match[1] or "eq", match[2]
    period = resource.get("period") or {}
    held = next((str(resource[name]) for name in _TIMES if name in resource), str(period.get("start", "")))
    said = held[: len(wanted)]
    if not said or len(said) < len(wanted):
        return False
    return {
        "eq": said == wanted, "ge": said >= wanted, "gt": said > wanted, "le": said <= wanted, "lt": said < wanted,
    }[prefix]  # fmt: skip


_TESTS: Final[Mapping[str, Callable[[Resource, str], bool]]] = {
    "_id": lambda resource, value: resource["id"] in value.split(","),
    "category": _token("category"),
    "code": _token("code"),
    "clinical-status": _token("clinicalStatus"),
    "status": _token("status"),
    "date": _in_time,
}


def _record(reader: Reader, patient: Patient, type_: str, count: int) -> None:
    record(
        organisation_id=patient.organisation_id,
        actor=reader.actor,
        action="clinical.record_read",
        subject=subject(patient.pk),
        object=Ref("record", patient.pk),
        digests={"part": f"fhir.{type_}", "count": count},
    )
