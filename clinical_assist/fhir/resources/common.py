"""Writing the parts that all resources share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from clinical_assist.fhir.codes import UCUM
from clinical_assist.fhir.mapping.common import moment
from clinical_assist.record.items import Coding, Item
from clinical_assist.record.types import Entry

Resource = dict[str, Any]
_DATE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def without_empty(resource: Mapping[str, Any]) -> Resource:
    """Return the resource without elements that say nothing: FHIR knows no empty ones."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}


def concept(name: str, codings: Iterable[Coding] = ()) -> Resource:
    """Return a CodeableConcept."""
    coded = [without_empty({"system": system, "code": code, "display": display}) for system, code, display in codings]
    return without_empty({"coding": coded, "text": name})


def coded(system: str, code: str) -> Resource:
    """Return a CodeableConcept of one code; empty without one."""
    return {"coding": [{"system": system, "code": code}]} if code else {}


def reference(type_: str, identity: UUID | None) -> Resource:
    """Return a reference inside of this server; empty without an id."""
    return {"reference": f"{type_}/{identity}"} if identity is not None else {}


def time(text: str) -> str:
    """Return a date or time as FHIR writes them; a time without a zone is in ours, what is no time is left out."""
    if _DATE.fullmatch(text):
        return text
    found = moment(text)
    return found.isoformat() if found is not None else ""


def quantity(value: float | None, unit: str) -> Resource:
    """Return a Quantity in a UCUM unit."""
    if value is None:
        return {}
    ucum = {"system": UCUM, "code": unit or "1"} if not re.search(r"\s", unit) else {}
    return without_empty({"value": value, "unit": unit}) | ucum


def notes(item: Item) -> list[Resource]:
    """Return the remark of an item as annotations."""
    return [{"text": item.note}] if item.note else []


def head(type_: str, entry: Entry[Any], patient_id: UUID, *, subject: str = "subject") -> Resource:
    """Return what every resource of an item begins with."""
    return {
        "resourceType": type_,
        "id": str(entry.id),
        "meta": {"lastUpdated": entry.recorded_at.isoformat()},
        subject: reference("Patient", patient_id),
    }
