"""Observations: vital signs and laboratory results with their units, and what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from clinical_assist.fhir.codes import PREGNANCY_STATUS
from clinical_assist.fhir.errors import LeftOutError
from clinical_assist.fhir.mapping.common import (
    MappedItem,
    codings,
    mapped,
    mappings,
    named,
    note,
    refuse_errors,
    when,
    words,
)
from clinical_assist.fhir.reading import Bundle, Entry, Resource
from clinical_assist.models import RecordItem
from clinical_assist.record.items import Coding, History, Item, Measurement
from clinical_assist.record.measures import LOINC, by_loinc


def observation(bundle: Bundle, entry: Entry) -> list[MappedItem]:
    """Map an Observation: each of its values (its own and its components') is one item."""
    resource = entry.resource
    status = str(resource.get("status"))
    refuse_errors(status)
    if status in {"registered", "cancelled"}:
        raise LeftOutError(_("It has no result yet."))
    on = observed(resource)
    categories = {one for each in mappings(resource, "category") for _system, one, _display in codings(each)}
    parts = [("", resource), *((f"component {n}", one) for n, one in enumerate(mappings(resource, "component"), 1))]
    found = []
    for part, values in parts:
        if not any(name.startswith("value") for name in values):
            continue
        kind, item = _item(values, categories, on=on, remark=note(resource))
        found.append(mapped(bundle, entry, kind, item, part=part))
    if not found:
        raise LeftOutError(_("It has no value."))
    return found


def observed(resource: Resource) -> str:
    """Return when something was observed, as it was written."""
    return when(resource, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")


def _item(values: Mapping[str, Any], categories: set[str], *, on: str, remark: str) -> tuple[str, Item]:
    name = named(values.get("code"), _("The observation"))
    coded = codings(values.get("code"))
    measure = by_loinc(code for system, code, _display in coded if system == LOINC)
    quantity = values.get("valueQuantity")
    if measure is not None and isinstance(values.get("valueInteger"), int):
        quantity = {"value": values["valueInteger"]}
    text = "" if quantity else _text(values)
    if measure is None and not quantity and not categories & {"vital-signs", "laboratory"}:
        return RecordItem.Kind.HISTORY, _asked(name, coded, categories, text=text, on=on, remark=remark)
    number, unit = _quantity(quantity)
    low, high = _range(values, unit)
    comparator = str((quantity or {}).get("comparator") or "")
    item = Measurement(
        name=name,
        codings=coded,
        on=on,
        note=remark,
        measure=measure.name if measure else "",
        # "Less than 5" is no number to compute with.
        value=None if comparator else number,
        unit=unit,
        text=f"{comparator}{number:g} {unit}".strip() if comparator and number is not None else text,
        low=low,
        high=high,
    )
    is_vital = measure.is_vital if measure else "vital-signs" in categories
    return (RecordItem.Kind.VITAL if is_vital else RecordItem.Kind.LABORATORY), item


def _asked(name: str, coded: tuple[Coding, ...], categories: set[str], *, text: str, on: str, remark: str) -> History:
    if any(system == LOINC and code == PREGNANCY_STATUS for system, code, _display in coded):
        return History(name=name, codings=coded, on=on, note=remark, topic="pregnancy", status=text)
    is_social = "social-history" in categories or "smoking" in name.casefold()
    return History(name=name, codings=coded, on=on, note=remark, topic="social" if is_social else "other", status=text)


def _quantity(quantity: object) -> tuple[float | None, str]:
    if not isinstance(quantity, Mapping):
        return None, ""
    value = quantity.get("value")
    return (None if value is None else float(value)), str(quantity.get("code") or quantity.get("unit") or "")


def _range(values: Mapping[str, Any], unit: str) -> tuple[float | None, float | None]:
    """Return the reference range, where it is one and in the unit of the value."""
    ranges = list(mappings(values, "referenceRange"))
    if len(ranges) != 1:
        return None, None
    bounds = [_quantity(ranges[0].get(name)) for name in ("low", "high")]
    if any(number is not None and given != unit for number, given in bounds):
        return None, None
    return bounds[0][0], bounds[1][0]


def _text(values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        if name == "valueCodeableConcept":
            return words(value)
        if name == "valueBoolean":
            return _("yes") if value else _("no")
        if name in {"valueString", "valueInteger", "valueDateTime", "valueTime"}:
            return str(value)
        if name == "valueRatio":
            return " / ".join(_written(value.get(part)) for part in ("numerator", "denominator"))
        if name == "valueRange":
            return " - ".join(_written(value.get(part)) for part in ("low", "high"))
    # Signals and pictures are none of what a record here holds.
    raise LeftOutError(_("Its value is of a type that is not read here."))


def _written(quantity: object) -> str:
    number, unit = _quantity(quantity)
    return "" if number is None else f"{number:g} {unit}".strip()
