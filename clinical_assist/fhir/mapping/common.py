"""Reading the parts that all resources share: concepts, dates, periods, notes, references to the patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.fhir.errors import EnteredInErrorError, RowError
from clinical_assist.fhir.reading import Bundle, Entry, Resource
from clinical_assist.record.items import Coding, Item

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class MappedItem:
    """An item, with the keys of the patient and the encounter it belongs to.

    ``part`` tells the items of one resource apart. ``none_known`` is no item but the word that no allergies are known.
    """

    patient: str
    encounter: str
    kind: str
    item: Item
    part: str = ""
    none_known: bool = False


def codings(concept: object) -> tuple[Coding, ...]:
    """Return the codings of a CodeableConcept."""
    return tuple(
        (str(one.get("system", "")), str(one.get("code", "")), str(one.get("display", "")))
        for one in mappings(concept, "coding")
        if one.get("code")
    )


def words(concept: object) -> str:
    """Return a CodeableConcept as people read it, "" where it has no words."""
    if not isinstance(concept, Mapping):
        return ""
    coded = codings(concept)
    text = concept.get("text") or next((display for _s, _c, display in coded if display), "")
    return str(text or next((code for _s, code, _d in coded), ""))[:_LONGEST].strip()


def code(concept: object) -> str:
    """Return the first code of a CodeableConcept."""
    return next((one for _system, one, _display in codings(concept)), "")


def named(concept: object, what: str) -> str:
    """Return the words of what a resource is about. Raises RowError where there are none."""
    name = words(concept)
    if not name:
        raise RowError(_("%(what)s has neither a text nor a code.") % {"what": what})
    return name


def mappings(value: object, name: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list-valued element."""
    given = value.get(name) if isinstance(value, Mapping) else None
    yield from (one for one in (given if isinstance(given, list) else ()) if isinstance(one, Mapping))


def when(resource: Resource, *names: str) -> str:
    """Return the first date, time, or beginning of a period among the elements named, as it was written."""
    for name in names:
        value = resource.get(name)
        if isinstance(value, Mapping):
            value = value.get("start") or value.get("end")
        if isinstance(value, str) and value:
            return value
    return ""


def note(resource: Resource) -> str:
    """Return the annotations."""
    return "\n".join(str(one.get("text", "")) for one in mappings(resource, "note"))[:_LONGEST].strip()


def day(text: str) -> date | None:
    """Return the day of a FHIR date, None where it names less than a day."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """Return the time of a FHIR dateTime; a day, month or year is its beginning. None where it is no time."""
    padded = f"{text}-01-01"[:10] if len(text) == 4 else f"{text}-01" if len(text) == 7 else text
    try:
        found = datetime.fromisoformat(padded)
    except ValueError:
        return None
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def asked_on(text: str) -> date:
    """Return since when a statement holds: the beginning of the day, month or year that it names, today without one."""
    found = moment(text)
    return found.date() if found else timezone.localdate()


def mapped(
    bundle: Bundle,
    entry: Entry,
    kind: str,
    item: Item,
    *,
    of: str = "subject",
    part: str = "",
    none_known: bool = False,
) -> MappedItem:
    """Return an item of the patient that the element ``of`` names. Raises RowError where it names none."""
    patient = bundle.key_of(entry, entry.resource.get(of), "Patient")
    if not patient:
        raise RowError(_("It does not say whose it is."))
    encounter = entry.resource.get("encounter") or entry.resource.get("context")
    return MappedItem(patient, bundle.key_of(entry, encounter, "Encounter"), kind, item, part, none_known)


def refuse_errors(status: str) -> None:
    """Raise EnteredInErrorError for what its source has taken back."""
    if status == "entered-in-error":
        raise EnteredInErrorError(_("Its source has marked it as entered in error."))
