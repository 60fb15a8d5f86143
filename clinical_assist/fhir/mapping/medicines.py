"""Medicines that are taken or ordered, with dose and frequency where they are said beyond doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from django.utils.translation import gettext as _

from clinical_assist.fhir.errors import LeftOutError, RowError
from clinical_assist.fhir.mapping.common import MappedItem, codings, mapped, mappings, note, refuse_errors, when, words
from clinical_assist.fhir.reading import Bundle, Entry
from clinical_assist.medicines.naming import medicine_named, without_salt
from clinical_assist.medicines.ordering import frequency
from clinical_assist.models import RecordItem
from clinical_assist.record.items import Medication

_STATUS = {
    "active": "active", "on-hold": "on-hold", "completed": "completed", "stopped": "stopped", "cancelled": "stopped",
    "not-taken": "stopped",
}  # fmt: skip
_NOT_TAKEN = {"draft", "intended"}
_HOURS = {"h": 1.0, "d": 24.0, "wk": 168.0, "mo": 720.0}
_UNITS = {"mg": "mg", "g": "g", "ug": "ug", "mcg": "ug", "[iu]": "unit", "[u]": "unit", "u": "unit", "meq": "mmol"}
_TO_MILLIGRAM = {"g": 1000.0, "mg": 1.0, "ug": 0.001}
# RxNorm writes "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet", and parts by " / ".
_LEADING = re.compile(r"^(?:\d+(?:\.\d+)?\s*(?:HR|ML|ACTUAT)\s+)+", re.IGNORECASE)
_STRENGTH = re.compile(r"\s+\d[\d.,]*\s*(?:MG|MCG|UG|G|ML|UNT|UNITS?|MEQ|MMOL|%|\[)", re.IGNORECASE)
_FORM = re.compile(
    r"\s+(?:(?:extended|delayed) release|oral|topical|injectable|ophthalmic|nasal|rectal|vaginal|transdermal|chewable)"
    r"(?:\s.*)?$",
    re.IGNORECASE,
)


def medication_request(bundle: Bundle, entry: Entry) -> list[MappedItem]:
    """Map an order; drafts, proposals and plans are not taken by anybody."""
    resource = entry.resource
    if resource.get("intent") in {"proposal", "plan", "option"} or resource.get("doNotPerform"):
        raise LeftOutError(_("It is a proposal, and no order."))
    item = _medication(
        bundle, entry, mappings(resource, "dosageInstruction"), on=when(resource, "authoredOn"), ended=""
    )
    return [mapped(bundle, entry, RecordItem.Kind.MEDICATION, item)]


def medication_statement(bundle: Bundle, entry: Entry) -> list[MappedItem]:
    """Map what somebody says that the patient takes."""
    resource = entry.resource
    period = resource.get("effectivePeriod") or {}
    on = when(resource, "effectiveDateTime", "effectivePeriod", "dateAsserted")
    item = _medication(bundle, entry, mappings(resource, "dosage"), on=on, ended=str(period.get("end") or ""))
    return [mapped(bundle, entry, RecordItem.Kind.MEDICATION, item)]


def ingredients(name: str) -> tuple[str, ...]:
    """Return the names of the medicines in a product's name, as our tables know them; empty where one is unknown."""
    whole = medicine_named(name).medicine
    if whole is not None:
        return (whole.name,)
    parts = [_FORM.sub("", _STRENGTH.split(_LEADING.sub("", part.strip()))[0]).strip() for part in name.split(" / ")]
    plain = [without_salt(part) for part in parts]
    ways = (mark.join(order) for order in (plain, plain[::-1]) for mark in "/-")
    together = next((one for way in ways if (one := medicine_named(way).medicine) is not None), None)
    if together is not None:
        return (together.name,)
    found = [medicine_named(part).medicine for part in parts]
    return tuple(one.name for one in found if one is not None) if all(found) else ()


def dose_of(dosages: list[Mapping[str, Any]], medicine: str) -> tuple[float | None, str, float | None]:
    """Return the dose at once, its unit, and how often a day; None for what is not said beyond doubt."""
    if len(dosages) != 1:
        return None, "", None
    dosage = dosages[0]
    quantities = [one["doseQuantity"] for one in mappings(dosage, "doseAndRate") if one.get("doseQuantity")]
    dose, unit = _amount(quantities[0], medicine) if len(quantities) == 1 else (None, "")
    return dose, unit, _times_a_day(dosage)


def _medication(bundle: Bundle, entry: Entry, dosages: Any, *, on: str, ended: str) -> Medication:
    resource = entry.resource
    status = str(resource.get("status"))
    refuse_errors(status)
    if status in _NOT_TAKEN:
        raise LeftOutError(_("It is a draft, and no order."))
    concept = _concept(bundle, entry)
    name = words(concept)
    if not name:
        raise RowError(_("It does not say which medicine it is."))
    given = list(dosages)
    known = ingredients(name)
    medicine = known[0] if len(known) == 1 else ""
    dose, unit, times = dose_of(given, medicine)
    return Medication(
        name=name,
        codings=codings(concept),
        on=on,
        note=note(resource),
        status=cast("Any", _STATUS.get(status, "active")),
        dose_text="; ".join(text for one in given if (text := str(one.get("text") or ""))),
        medicine=medicine,
        dose=dose,
        unit=unit,
        times_a_day=times,
        route=next((text for one in given if (text := words(one.get("route")))), ""),
        ended=ended,
    )


def _concept(bundle: Bundle, entry: Entry) -> object:
    """Return what says which medicine: a code, a contained Medication, or one of the file."""
    resource = entry.resource
    if resource.get("medicationCodeableConcept"):
        return resource["medicationCodeableConcept"]
    reference = resource.get("medicationReference") or {}
    text = str(reference.get("reference") or "")
    if text.startswith("#"):
        contained = (one for one in mappings(resource, "contained") if one.get("id") == text[1:])
        return next((one.get("code") for one in contained), None)
    target = bundle.target(entry, reference)
    return target.resource.get("code") if target is not None else {"text": str(reference.get("display") or "")}


def _amount(quantity: Mapping[str, Any], medicine: str) -> tuple[float | None, str]:
    value, given = quantity.get("value"), str(quantity.get("code") or quantity.get("unit") or "").casefold()
    unit = _UNITS.get(given, "")
    if value is None or not unit:
        return None, ""
    wanted = medicine_named(medicine).medicine if medicine else None
    if wanted is None or wanted.unit == unit:
        return float(value), unit
    if unit in _TO_MILLIGRAM and wanted.unit in _TO_MILLIGRAM:
        return float(value) * _TO_MILLIGRAM[unit] / _TO_MILLIGRAM[wanted.unit], wanted.unit
    return None, ""


def _times_a_day(dosage: Mapping[str, Any]) -> float | None:
    timing = dosage.get("timing") or {}
    repeat = timing.get("repeat") or {}
    times, period, hours = repeat.get("frequency", 1), repeat.get("period"), _HOURS.get(repeat.get("periodUnit", ""))
    if period and hours and "frequencyMax" not in repeat and "periodMax" not in repeat:
        return float(times) * 24.0 / (float(period) * hours)
    text = words(timing.get("code")) or str(dosage.get("text") or "")
    return frequency(text) if text and not dosage.get("asNeededBoolean") else None
