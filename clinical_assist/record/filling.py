"""The inputs of a calculator that a record holds, each with its day; what is old or missing is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils import timezone

from clinical_assist.calculators.types import Calculator, Input
from clinical_assist.record.measures import MEASURES, value_in
from clinical_assist.record.showing import is_old
from clinical_assist.record.types import Summary

# Inputs that have another name than the measure.
_MEASURE_OF: Final = {
    "total_cholesterol": "cholesterol",
    "hdl_cholesterol": "hdl",
    "ldl_cholesterol": "ldl",
    "saturation": "oxygen_saturation",
}
# Units of inputs that UCUM writes otherwise.
_UCUM: Final = {"mmHg": "mm[Hg]", "mEq/L": "mmol/L", "degC": "Cel", "°C": "Cel"}


@dataclass(frozen=True, slots=True)
class Given:
    """An input that the record holds: its text for the form, and the day of the value (None: always true)."""

    input: Input
    text: str
    on: date | None
    is_old: bool


@dataclass(frozen=True, slots=True)
class Filled:
    given: tuple[Given, ...]
    missing: tuple[Input, ...]

    @property
    def old(self) -> tuple[Given, ...]:
        return tuple(one for one in self.given if one.is_old)


def fill(calculator: Calculator, found: Summary) -> Filled:
    """Return what the record holds of a calculator's inputs; the required ones that it does not hold are missing.

    Yes-or-no inputs stay empty: whether a problem is what a score means is for the clinician to say.
    """
    given = tuple(one for one in (_given(each, found) for each in calculator.inputs) if one is not None)
    names = {one.input.name for one in given}
    return Filled(given, tuple(one for one in calculator.inputs if one.required and one.name not in names))


def is_filled(calculator: Calculator, found: Summary) -> bool:
    """Return whether the record holds every number that a calculator needs, and one at least besides the age."""
    filled = fill(calculator, found)
    is_measured = any(one.on is not None for one in filled.given)
    return is_measured and all(one.kind not in {"number", "date"} for one in filled.missing)


def _given(one: Input, found: Summary) -> Given | None:
    if one.name == "age" and found.age is not None:
        return Given(one, str(found.age), None, is_old=False)
    if one.name == "sex" and found.patient.sex in {"female", "male"}:
        return Given(one, found.patient.sex, None, is_old=False)
    measure = _MEASURE_OF.get(one.name, one.name)
    if one.kind != "number" or measure not in MEASURES:
        return None
    entry = found.latest(measure)
    if entry is None:
        return None
    value = value_in(entry.item, _UCUM.get(one.unit, one.unit))
    if value is None:
        return None
    return Given(one, f"{value:.4g}", timezone.localdate(entry.when), is_old(entry))
