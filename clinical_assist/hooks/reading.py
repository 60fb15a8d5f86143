"""What a call says: prefetched resources as a record of their own, and the orders that are being written.

Nothing of it is stored, and nothing of our own record is added: the caller's data are what is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from clinical_assist.fhir.errors import EnteredInErrorError, LeftOutError, RowError
from clinical_assist.fhir.mapping import ITEMS
from clinical_assist.fhir.mapping.common import MappedItem, asked_on, codings, mappings, moment, words
from clinical_assist.fhir.mapping.measurements import observed
from clinical_assist.fhir.mapping.medicines import dose_of, ingredients
from clinical_assist.fhir.mapping.people import patient
from clinical_assist.fhir.reading import Bundle, problems
from clinical_assist.fhir.reading import Entry as Read
from clinical_assist.hooks.definitions import PREFETCH
from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import Order
from clinical_assist.models import Patient, RecordItem
from clinical_assist.record.measures import LOINC, by_loinc
from clinical_assist.record.queries import summarised
from clinical_assist.record.types import Entry, Summary

_MOST_RESOURCES = 1_000
_NOW = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Draft:
    """A medicine that is being ordered: the id of its resource, its name, and the orders that it comes to."""

    reference: str
    name: str
    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """What one call says. ``unread`` counts resources that could not be taken; ``absent`` names what was not sent."""

    summary: Summary
    drafts: tuple[Draft, ...]
    unread: int
    absent: tuple[str, ...]


def read_call(organisation_id: UUID, request: Mapping[str, Any]) -> Call:
    """Read the prefetched data and the orders of a call that keeps to the schema."""
    prefetch = request.get("prefetch") or {}
    resources = [one for name in PREFETCH for one in _resources(prefetch.get(name))][:_MOST_RESOURCES]
    row = Patient(organisation_id=organisation_id, family_name="")
    entries, unread, bundle = [], 0, Bundle("", (), {})
    known: set[frozenset[str]] = set()
    for number, resource in enumerate(_newest_first(resources), start=1):
        measures = _measures(resource)
        if measures in known:
            continue
        read = Read(number, str(resource.get("resourceType")), f" {number}", resource)
        try:
            if read.type == "Patient":
                row = _patient(row, read)
            elif read.type in ITEMS:
                found = _items(bundle, read)
                if measures and all(getattr(one.item, "value", None) is not None for one in found):
                    known.add(measures)
                for one in found:
                    if one.none_known:
                        row.no_known_allergies_on = asked_on(one.item.on)
                    else:
                        entries.append(_entry(one))
        except (LeftOutError, EnteredInErrorError):
            continue
        except RowError:
            unread += 1
    absent = tuple(name for name in PREFETCH if not isinstance(prefetch.get(name), Mapping))
    drafts = tuple(_drafts((request.get("context") or {}).get("draftOrders")))
    return Call(summarised(row, "", entries), drafts, unread, absent)


def _newest_first(resources: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the resources with the Observations last, the newest of them first; one without a day is of now."""
    others = [one for one in resources if one.get("resourceType") != "Observation"]
    # Of two with one time the later in the message counts.
    observations = [one for one in reversed(resources) if one.get("resourceType") == "Observation"]
    return [*others, *sorted(observations, key=lambda one: moment(observed(one)) or _NOW, reverse=True)]


def _measures(resource: Mapping[str, Any]) -> frozenset[str] | None:
    """Return of which of our measures an Observation has the values; None where it may say anything else.

    The checks take the newest value of a measure: older ones are not read at all.
    """
    if resource.get("resourceType") != "Observation":
        return None
    valued = [
        one for one in (resource, *mappings(resource, "component")) if any(name.startswith("value") for name in one)
    ]
    found = [by_loinc(code for system, code, _display in codings(one.get("code")) if system == LOINC) for one in valued]
    names = [one.name for one in found if one is not None]
    return frozenset(names) if names and len(names) == len(valued) else None


def has_data(request: Mapping[str, Any]) -> bool:
    """Whether anything of the patient came with the call."""
    return any(isinstance(one, Mapping) for one in (request.get("prefetch") or {}).values())


def _resources(value: object) -> Iterator[Mapping[str, Any]]:
    if not isinstance(value, Mapping):
        return
    if value.get("resourceType") == "Bundle":
        for one in mappings(value, "entry"):
            if isinstance(one.get("resource"), Mapping):
                yield one["resource"]
    else:
        yield value


def _patient(row: Patient, read: Read) -> Patient:
    _require_valid(read)
    found = patient(read.resource)
    row.birth_date, row.sex, row.deceased_on = found.birth_date, found.sex, found.deceased_on
    return row


def _items(bundle: Bundle, read: Read) -> list[MappedItem]:
    _require_valid(read)
    # Whose it is the caller has said by prefetching it; some systems leave the reference out of what they send.
    whose = {"reference": "Patient/subject"}
    return ITEMS[read.type](bundle, replace(read, resource={**read.resource, "subject": whose, "patient": whose}))


def _require_valid(read: Read) -> None:
    if wrong := problems(read.resource):
        raise RowError(wrong)


def _entry(one: MappedItem) -> Entry[Any]:
    return Entry(
        id=uuid4(),
        kind=one.kind,
        item=one.item,
        source=RecordItem.Source.IMPORT,
        recorded_at=timezone.now(),
        recorded_by="",
        encounter_id=None,
        is_corrected=False,
    )


def _drafts(bundle: object) -> Iterator[Draft]:
    resources = list(_resources(bundle))
    named = {f"Medication/{one.get('id')}": one.get("code") for one in resources}
    for one in resources:
        if one.get("resourceType") != "MedicationRequest" or one.get("doNotPerform"):
            continue
        reference = str((one.get("medicationReference") or {}).get("reference") or "")
        contained = {f"#{each.get('id')}": each.get("code") for each in mappings(one, "contained")}
        concept = one.get("medicationCodeableConcept") or contained.get(reference) or named.get(reference)
        name = words(concept) or str((one.get("medicationReference") or {}).get("display") or "")
        yield Draft(f"MedicationRequest/{one.get('id')}", name, _orders(one, name))


def _orders(resource: Mapping[str, Any], name: str) -> tuple[Order, ...]:
    known = ingredients(name)
    medicines = [library().medicines[one] for one in known]
    if len(medicines) != 1:
        return tuple(Order(one) for one in medicines)
    dose, unit, times = dose_of(list(mappings(resource, "dosageInstruction")), known[0])
    return (Order(medicines[0], dose if unit == medicines[0].unit else None, times),)
