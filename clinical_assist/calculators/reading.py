"""From what was written to a result: names, units and ranges are checked, and every problem is named at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from clinical_assist.calculators.types import Calculator, CalculatorError, Input, Result, Value, Values
from clinical_assist.calculators.units import UnitError, convert

_NUMBER = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\s*(.*)", re.DOTALL)
_MOST = 1e15
_YES, _NO = {"true", "yes", "present", "1", "on"}, {"false", "no", "absent", "0", "off"}


class InputsError(CalculatorError):
    """Inputs are missing, unknown or not believable; ``problems`` has a sentence for each, by input."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(problems.values()))


def calculate(calculator: Calculator, given: Mapping[str, object]) -> Result:
    """Compute one result. A number may be plain, ``"1.4 mg/dL"``, ``[1.4, "mg/dL"]`` or ``{"value", "unit"}``.

    Raises:
        InputsError: something is missing, unknown, in an unknown unit or out of range.
        CalculatorError: the formula does not hold for these values.
    """
    values, problems = _read(calculator, given)
    for one in calculator.inputs:
        if one.required and one.name not in values and one.name not in problems:
            problems[one.name] = _("%(input)s is missing.") % {"input": one.label}
    if problems:
        raise InputsError(problems)
    asked = Values(values)
    outcome = calculator.formula(asked)
    return Result(calculator, outcome, values, asked.assumed)


def _read(calculator: Calculator, given: Mapping[str, object]) -> tuple[dict[str, Value], dict[str, str]]:
    values: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for name, raw in given.items():
        one = _input_named(calculator, name)
        if one is None:
            problems[name] = _("%(calculator)s has no input %(input)s.") % {
                "calculator": calculator.title,
                "input": name,
            }
            continue
        if raw is None or raw == "":
            continue
        try:
            value = _value(one, raw)
        except ValueError as error:
            problems[one.name] = str(error)
        else:
            # Two names of one yes-or-no input: present where either says so.
            values[one.name] = value or values.get(one.name, False) if one.kind == "flag" else value
    return values, problems


def _input_named(calculator: Calculator, name: str) -> Input | None:
    wanted = name.strip().casefold()
    plain = wanted.replace("-", "_").replace(" ", "_")
    return next((one for one in calculator.inputs if plain == one.name or wanted in one.aliases), None)


def _value(one: Input, raw: object) -> Value:
    match one.kind:
        case "number":
            return _number(one, raw)
        case "flag":
            return _flag(one, raw)
        case "choice":
            return _choice(one, raw)
        case "date":
            return _date(one, raw)


def _number(one: Input, raw: object) -> float:
    value, unit = _quantity(one, raw)
    try:
        value = convert(value, unit, one.unit, analyte=one.analyte)
    except UnitError:
        raise ValueError(
            _("%(input)s: %(unit)s cannot be turned into %(wanted)s.")
            % {"input": one.label, "unit": unit, "wanted": one.unit or "1"}
        ) from None
    if (one.low is not None and value < one.low) or (one.high is not None and value > one.high):
        raise ValueError(
            _("%(input)s: %(value)s %(unit)s is not between %(low)s and %(high)s: look at the number and its unit.")
            % {
                "input": one.label,
                "value": f"{value:g}",
                "unit": one.unit,
                "low": f"{one.low:g}",
                "high": f"{one.high:g}",
            }
        )
    return value


def _quantity(one: Input, raw: object) -> tuple[float, str]:
    # NaN is smaller than nothing.
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < _MOST:
        return float(raw), ""
    if isinstance(raw, Mapping):
        return _quantity(one, raw.get("value"))[0], str(raw.get("unit") or "")
    if isinstance(raw, Sequence) and not isinstance(raw, str) and len(raw) == 2:
        return _quantity(one, raw[0])[0], str(raw[1] or "")
    if isinstance(raw, str) and (found := _NUMBER.fullmatch(raw)):
        return float(found[1].replace(",", ".")), found[2].strip()
    raise ValueError(_("%(input)s needs a number.") % {"input": one.label})


def _flag(one: Input, raw: object) -> bool:
    word = str(raw).strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError(_("%(input)s needs yes or no.") % {"input": one.label})


def _choice(one: Input, raw: object) -> str:
    word = str(raw).strip().casefold()
    if any(word == key for key, _label in one.choices):
        return word
    raise ValueError(
        _("%(input)s is one of: %(choices)s.")
        % {"input": one.label, "choices": ", ".join(key for key, _label in one.choices)}
    )


def _date(one: Input, raw: object) -> date:
    if isinstance(raw, date):
        return raw
    for pattern in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(str(raw).strip(), pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(_("%(input)s needs a date such as 2026-03-31.") % {"input": one.label})
