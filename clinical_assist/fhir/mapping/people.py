"""Patients and encounters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from clinical_assist.fhir.errors import RowError
from clinical_assist.fhir.mapping.common import day, mappings, moment, words
from clinical_assist.fhir.reading import Bundle, Entry, Resource
from clinical_assist.models import Encounter

_SEXES = {"male", "female", "other", "unknown"}
_STATES: Mapping[str, str] = {
    "planned": Encounter.State.PLANNED,
    "arrived": Encounter.State.OPEN,
    "triaged": Encounter.State.OPEN,
    "in-progress": Encounter.State.OPEN,
    "onleave": Encounter.State.OPEN,
    "cancelled": Encounter.State.CANCELLED,
    "entered-in-error": Encounter.State.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class MappedPatient:
    """A patient as the fields of our row."""

    family_name: str
    given_names: str
    birth_date: date | None
    sex: str
    deceased_on: date | None
    identifiers: list[dict[str, str]]
    contact: dict[str, str]

    @property
    def numbers(self) -> list[str]:
        """Return by which numbers the patient is found."""
        return list(dict.fromkeys(one["value"] for one in self.identifiers))


@dataclass(frozen=True, slots=True)
class MappedEncounter:
    """An encounter, with the key of its patient."""

    patient: str
    state: str
    reason: str
    starts_at: datetime
    ended_at: datetime | None


def patient(resource: Resource) -> MappedPatient:
    """Map a Patient. Raises RowError without a name."""
    family, given = _name(resource)
    if not (family or given):
        raise RowError(_("The patient has no name."))
    identifiers = [
        {"system": str(one.get("system", "")), "value": str(one["value"]).strip()}
        for one in mappings(resource, "identifier")
        if one.get("value")
    ]
    sex = str(resource.get("gender") or "unknown")
    return MappedPatient(
        family_name=family or given,
        given_names=given if family else "",
        birth_date=day(str(resource.get("birthDate") or "")),
        sex=sex if sex in _SEXES else "unknown",
        deceased_on=day(str(resource.get("deceasedDateTime") or "")),
        identifiers=identifiers,
        contact=_contact(resource),
    )


def encounter(bundle: Bundle, entry: Entry) -> MappedEncounter:
    """Map an Encounter. Raises RowError without a patient or a time."""
    resource = entry.resource
    patient_key = bundle.key_of(entry, resource.get("subject"), "Patient")
    if not patient_key:
        raise RowError(_("It does not say whose it is."))
    period = resource.get("period") or {}
    ends = moment(str(period.get("end") or ""))
    starts = moment(str(period.get("start") or "")) or ends
    if starts is None:
        raise RowError(_("The encounter has no time."))
    concepts = [*mappings(resource, "reasonCode"), *mappings(resource, "type")]
    reason = next((text for one in concepts if (text := words(one))), "")
    state = _STATES.get(str(resource.get("status")), Encounter.State.CLOSED)
    return MappedEncounter(patient_key, state, reason, starts, ends)


def _name(resource: Resource) -> tuple[str, str]:
    rank = {"official": 0, "usual": 1, "": 2}
    names = sorted(mappings(resource, "name"), key=lambda one: rank.get(str(one.get("use", "")), 3))
    for one in names:
        given = " ".join(str(part) for part in one.get("given") or [])
        if one.get("family") or given:
            return str(one.get("family") or "").strip(), given.strip()
        if one.get("text"):
            return str(one["text"]).strip(), ""
    return "", ""


def _contact(resource: Resource) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in mappings(resource, "telecom"):
        if one.get("system") in {"phone", "email"} and one.get("value"):
            found.setdefault(str(one["system"]), str(one["value"]))
    for one in mappings(resource, "address"):
        text = one.get("text") or ", ".join(_address(one))
        if text:
            found.setdefault("address", str(text))
    return found


def _address(address: Mapping[str, Any]) -> list[str]:
    lines = [str(line) for line in address.get("line") or []]
    place = " ".join(str(address[name]) for name in ("postalCode", "city") if address.get(name))
    rest = [str(address[name]) for name in ("state", "country") if address.get(name)]
    return [*lines, *([place] if place else []), *rest]
