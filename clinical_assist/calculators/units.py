"""Units of clinical values: what people write, turned into the unit that a formula takes.

Plain units go through pint. Amount and mass of a substance are turned into each other by its molar mass; sources of
molar masses: IUPAC standard atomic weights of the molecules' formulas.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pint

# Grams a mole; "urea nitrogen" counts the two nitrogen atoms of a molecule of urea.
MOLAR_MASS: Final = {
    "creatinine": 113.12,
    "bilirubin": 584.66,
    "glucose": 180.16,
    "cholesterol": 386.65,
    "triglycerides": 885.43,
    "calcium": 40.078,
    "urea nitrogen": 28.014,
    "albumin": 66_500.0,
}
# Ions: equivalents a mole.
VALENCE: Final = {"sodium": 1, "potassium": 1, "chloride": 1, "bicarbonate": 1, "calcium": 2}
# Spellings that people and UCUM use, as pint knows them.
_SPELLINGS: Final = {
    "years": "year", "yr": "year", "a": "year", "months": "month", "mo": "month", "weeks": "week", "days": "day",
    "d": "day",
    "mmhg": "mmHg", "mm hg": "mmHg", "mm[hg]": "mmHg",
    "°c": "degC", "c": "degC", "cel": "degC", "degrees celsius": "degC", "celsius": "degC",
    "°f": "degF", "f": "degF", "[degf]": "degF", "degrees fahrenheit": "degF", "fahrenheit": "degF",
    "beats per minute": "1/minute", "breaths per minute": "1/minute", "bpm": "1/minute", "/min": "1/minute",
    "{beats}/min": "1/minute",
    "%": "percent", "msec": "millisecond", "ms": "millisecond",
    "inches": "inch", "in": "inch", "[in_i]": "inch", "lbs": "pound", "lb": "pound", "[lb_av]": "pound",
    "g%": "gram/deciliter", "per day": "1/day", "/day": "1/day", "/d": "1/day", "kg/m2": "kg/m**2",
    "u/l": "U/L", "iu/l": "U/L",
}  # fmt: skip
# Cells in a volume, as laboratories write it: how many in a litre.
_COUNTS: Final = {
    "/l": 1.0, "/ul": 1e6, "/µl": 1e6, "ul": 1e6, "µl": 1e6, "/mm3": 1e6, "mm3": 1e6, "/mm^3": 1e6, "mm^3": 1e6,
    "10*9/l": 1e9, "10^9/l": 1e9, "x10^9/l": 1e9, "10*3/ul": 1e9, "10^3/ul": 1e9, "10^3/µl": 1e9, "k/ul": 1e9,
    "10^3/mm^3": 1e9,
}  # fmt: skip
# UCUM's notes on a unit, such as the haemoglobin of mmol/mol{Hb}; they do not change it.
_NOTE: Final = re.compile(r"(?<=[\w%\]])\{[^{}]*\}")
# HbA1c in per cent (NGSP) from mmol/mol (IFCC): the master equation of Weykamp C and others, Clin Chem 2008;54:240-248.
# Both are shares of haemoglobin, but not of the same thing: 53 mmol/mol is 7.0 %, not 5.3 %.
_NGSP_SLOPE: Final = 0.09148
_NGSP_START: Final = 2.152
_INSULIN: Final = {"uiu/ml", "µiu/ml", "miu/l", "mu/l", "uu/ml", "µu/ml"}


class UnitError(ValueError):
    """The unit is unknown, or cannot be turned into the one that is needed."""


@functools.cache
def _registry() -> pint.UnitRegistry[float]:
    import pint

    registry: pint.UnitRegistry[float] = pint.UnitRegistry()
    registry.define("percent = 0.01 = %")
    registry.define("U = 1e-6 / 60 * mole / second")
    return registry


def convert(value: float, unit: str, wanted: str, *, analyte: str = "") -> float:
    """Return ``value`` in the unit ``wanted``. ``analyte`` names the substance, for moles, grams and equivalents.

    Raises:
        UnitError: the unit is unknown or of another kind.
    """
    given = unit.strip()
    low = given.casefold().replace("μ", "µ")
    if not given or not wanted or low == wanted.casefold():
        return value
    if (plain := _NOTE.sub("", given)) != given:
        return convert(value, plain, wanted, analyte=analyte)
    if wanted == "10*9/L":
        if low in _COUNTS:
            return value * _COUNTS[low] / 1e9
        raise UnitError(given)
    if wanted == "mU/L":
        if low in _INSULIN:
            return value
        raise UnitError(given)
    if analyte == "hba1c":
        return _glycated(value, low, wanted)
    try:
        return _converted(value, _spelled(given), _spelled(wanted), analyte)
    except UnitError:
        raise
    except Exception as error:
        raise UnitError(given) from error


def _glycated(value: float, given: str, wanted: str) -> float:
    if (given, wanted) == ("mmol/mol", "%"):
        return value * _NGSP_SLOPE + _NGSP_START
    if (given, wanted) == ("%", "mmol/mol"):
        return (value - _NGSP_START) / _NGSP_SLOPE
    raise UnitError(given)


def _converted(value: float, given: str, wanted: str, analyte: str) -> float:
    registry = _registry()
    if analyte in VALENCE:
        value, given = _without_equivalents(value, given, analyte)
        factor, wanted = _without_equivalents(1.0, wanted, analyte)
        value /= factor
    quantity = registry.Quantity(value, given)
    target = registry.Unit(wanted)
    if quantity.is_compatible_with(target):
        return float(quantity.to(target).magnitude)
    if analyte in MOLAR_MASS:
        molar = registry.Quantity(MOLAR_MASS[analyte], "gram/mole")
        other = quantity * molar if (quantity * molar).is_compatible_with(target) else quantity / molar
        return float(other.to(target).magnitude)
    raise UnitError(given)


def _without_equivalents(value: float, unit: str, analyte: str) -> tuple[float, str]:
    if re.match(r"m?eq(?![a-z])", unit, re.IGNORECASE):
        return value / VALENCE[analyte], re.sub(r"^(m?)eq", r"\1mol", unit, flags=re.IGNORECASE)
    return value, unit


def _spelled(unit: str) -> str:
    folded = unit.strip().casefold().replace("μ", "µ")
    if folded in _SPELLINGS:
        return _SPELLINGS[folded]
    spelled = unit.strip().replace("μ", "µ").replace("^", "**").replace("mcg", "microgram").replace("µ", "micro")
    # UCUM writes a micro as u, and has no signs of multiplication.
    spelled = re.sub(r"\bu(?=mol|g|L\b|l\b)", "micro", spelled)
    spelled = re.sub(r"\bmicro(g|l|L|mol)\b", _long, spelled)
    return spelled.replace("L", "liter").replace("dliter", "deciliter").replace("mliter", "milliliter")


def _long(found: re.Match[str]) -> str:
    return "micro" + {"g": "gram", "l": "liter", "L": "liter", "mol": "mole"}[found[1]]
