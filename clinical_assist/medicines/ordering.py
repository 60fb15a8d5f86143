"""Reading an order as it is written: medicine, dose, unit, how often. What is not clear is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinical_assist.medicines.naming import medicine_named
from clinical_assist.medicines.types import Medicine, Order

_UNITS = {
    "mg": "mg", "milligram": "mg", "milligrams": "mg", "g": "g", "gram": "g", "grams": "g", "mcg": "ug", "µg": "ug",
    "ug": "ug", "microgram": "ug", "micrograms": "ug", "unit": "unit", "units": "unit", "iu": "unit", "mmol": "mmol",
    "meq": "mmol", "ml": "ml", "tablet": "tablet", "tablets": "tablet", "tab": "tablet", "tabs": "tablet",
}  # fmt: skip
_TO_MILLIGRAM = {"g": 1000.0, "mg": 1.0, "ug": 0.001}
_DOSE = re.compile(
    r"(?P<value>\d+(?:[.,]\d+)?)\s*(?P<unit>" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_WORDS = {"once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "thrice": 3, "four": 4, "five": 5, "six": 6}
_NUMBER = r"(\d+(?:\.\d+)?|" + "|".join(_WORDS) + ")"
# (pattern, times a day), the first that fits; a group holds a number.
_FREQUENCIES: tuple[tuple[str, float | str], ...] = (
    (r"\b(?:once (?:a|per|every) week|once weekly|weekly|every week)\b", 1 / 7),
    (rf"\b{_NUMBER} times? (?:a|per|each|every) week\b", "a week"),
    (r"\b(?:once (?:a|per) month|monthly)\b", 1 / 30),
    (r"\b(?:every other day|alternate days|every second day|q\.?o\.?d)\b", 0.5),
    (rf"\b(?:every|each|q)\s*{_NUMBER}\s*(?:h|hrs?|hours?|hourly)\b", "hours"),
    (rf"\b{_NUMBER}[ -]hourly\b", "hours"),
    (rf"\b{_NUMBER}\s*(?:times?|x)\s*(?:a|per|each|every|/)?\s*(?:day|daily|d)\b", "a day"),
    (r"\b(?:q\.?i\.?d|q\.?d\.?s)\b", 4),
    (r"\b(?:t\.?i\.?d|t\.?d\.?s)\b", 3),
    (r"\b(?:b\.?i\.?d|b\.?d|twice (?:a day|daily|per day)|twice)\b", 2),
    (r"\b(?:once|o\.?d|q\.?d|daily|every day|a day|per day|in the (?:morning|evening))\b", 1),
    (r"\b(?:every (?:morning|evening|night)|at (?:night|bedtime)|nocte|mane|h\.?s)\b", 1),
)  # fmt: skip
_AS_NEEDED = re.compile(r"\b(?:p\.?r\.?n|as needed|when needed|if needed)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Read:
    """An order, and the questions that have to be answered before it is one."""

    text: str
    order: Order | None
    questions: tuple[str, ...] = ()


def read_order(text: str) -> Read:
    """Read one order such as "amoxicillin 500 mg three times a day"."""
    dose = _DOSE.search(text)
    name = (text[: dose.start()] if dose else re.split(r"\s(?=\d)|,", text)[0]).strip(" ,:-")
    named = medicine_named(name)
    if named.medicine is None:
        return Read(text, None, (_which(name, named.suggestions),))
    rest = text[dose.end() :] if dose else text[len(name) :]
    given, problem = _given(dose, named.medicine)
    order = Order(named.medicine, given, frequency(rest))
    return Read(text, order, (*((problem,) if problem else ()), *_open(order, rest)))


def frequency(text: str) -> float | None:
    """Return how often a day, or None where the words do not say."""
    low = text.casefold()
    for pattern, times in _FREQUENCIES:
        found = re.search(pattern, low)
        if found is None:
            continue
        if not isinstance(times, str):
            return float(times)
        word = found[1]
        number = float(_WORDS[word]) if word in _WORDS else float(word)
        if number <= 0:
            return None
        return {"a week": number / 7, "hours": 24 / number, "a day": number}[times]
    return None


def _which(name: str, suggestions: tuple[str, ...]) -> str:
    if suggestions:
        return _("Which medicine is “%(name)s”? Did you mean: %(choices)s?") % {
            "name": name,
            "choices": ", ".join(suggestions),
        }
    return _("No medicine is known by the name “%(name)s”: write its generic name.") % {"name": name}


def _given(dose: re.Match[str] | None, medicine: Medicine) -> tuple[float | None, str]:
    if dose is None:
        return None, ""
    value, unit = float(dose["value"].replace(",", ".")), _UNITS[dose["unit"].casefold()]
    if unit == medicine.unit:
        return value, ""
    if unit in _TO_MILLIGRAM and medicine.unit in _TO_MILLIGRAM:
        return value * _TO_MILLIGRAM[unit] / _TO_MILLIGRAM[medicine.unit], ""
    return None, _("How much is that in %(unit)s? %(medicine)s is dosed in %(unit)s.") % {
        "unit": medicine.unit,
        "medicine": medicine.name,
    }


def _open(order: Order, rest: str) -> tuple[str, ...]:
    if order.dose is not None and order.times_a_day is None and not _AS_NEEDED.search(rest):
        return (_("How often is %(medicine)s given?") % {"medicine": order.medicine.name},)
    return ()
