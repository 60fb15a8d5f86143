"""What is measured: our names of vital signs and laboratory results, their LOINC codes, and how they are shown.

LOINC codes: Regenstrief Institute, loinc.org. A value is kept in the unit in which it came; ``conventional`` and ``si``
are the two in which readers want to see it, the same where both camps use one.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.units import UnitError, convert
from clinical_assist.record.items import Measurement

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

System = Literal["conventional", "si"]
SYSTEMS: Final[dict[System, StrOrPromise]] = {"conventional": _("conventional units"), "si": _("SI units")}
Flag = Literal["low", "high", ""]


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is measured. Units are UCUM codes; ``low`` and ``high`` are what is believed, in ``conventional``.

    ``analyte`` names the substance for moles and grams; ``keeps_days`` is after how many days a value counts as old.
    """

    name: str
    label: StrOrPromise
    loinc: tuple[str, ...]
    conventional: str
    si: str
    low: float
    high: float
    keeps_days: int
    analyte: str = ""
    is_vital: bool = False

    def unit(self, system: System) -> str:
        return self.si if system == "si" else self.conventional


def _vital(name: str, label: StrOrPromise, unit: str, low: float, high: float, keeps: int, *loinc: str) -> Measure:
    return Measure(name, label, loinc, unit, unit, low, high, keeps, is_vital=True)


def _laboratory(
    name: str, label: StrOrPromise, units: str, low: float, high: float, *loinc: str, analyte: str = "", keeps: int = 90
) -> Measure:
    conventional, _bar, si = units.partition(" | ")
    return Measure(name, label, loinc, conventional, si or conventional, low, high, keeps, analyte)


_ALL: Final = (
    _vital("temperature", _("Temperature"), "Cel", 25, 45, 1, "8310-5", "8331-1", "8329-5", "8333-7"),
    _vital("heart_rate", _("Pulse"), "/min", 10, 300, 7, "8867-4"),
    _vital("respiratory_rate", _("Respiratory rate"), "/min", 3, 80, 1, "9279-1"),
    _vital("systolic", _("Systolic pressure"), "mm[Hg]", 40, 300, 90, "8480-6"),
    _vital("diastolic", _("Diastolic pressure"), "mm[Hg]", 10, 200, 90, "8462-4"),
    _vital("oxygen_saturation", _("Oxygen saturation"), "%", 30, 100, 1, "59408-5", "2708-6"),
    _vital("weight", pgettext_lazy("of the body", "Weight"), "kg", 0.3, 400, 180, "29463-7", "3141-9", "8335-2"),
    _vital("height", _("Height"), "cm", 25, 250, 3_650, "8302-2", "8306-3"),
    _vital("bmi", _("Body mass index"), "kg/m2", 8, 100, 180, "39156-5"),
    _vital("head_circumference", _("Head circumference"), "cm", 20, 70, 90, "9843-4", "8287-5"),
    _vital("pain", _("Pain (0 to 10)"), "{score}", 0, 10, 1, "72514-3"),
    _vital("qtc", _("QTc interval"), "ms", 250, 750, 180, "8636-3"),
    _laboratory("creatinine", _("Creatinine"), "mg/dL | umol/L", 0.1, 30, "2160-0", "38483-4", "14682-9",
                analyte="creatinine"),
    _laboratory("egfr", _("eGFR"), "mL/min/{1.73_m2}", 1, 200, "98979-8", "62238-1", "33914-3", "48642-3", "77147-7"),
    _laboratory("urea_nitrogen", _("Urea nitrogen"), "mg/dL | mmol/L", 1, 300, "3094-0", "6299-2",
                analyte="urea nitrogen"),
    _laboratory("sodium", _("Sodium"), "mmol/L", 90, 200, "2951-2", "2947-0", analyte="sodium"),
    _laboratory("potassium", _("Potassium"), "mmol/L", 1, 12, "2823-3", "6298-4", analyte="potassium"),
    _laboratory("chloride", _("Chloride"), "mmol/L", 60, 150, "2075-0", "2069-3", analyte="chloride"),
    _laboratory("bicarbonate", _("Bicarbonate"), "mmol/L", 2, 60, "1963-8", "2028-9", "20565-8", analyte="bicarbonate"),
    _laboratory("calcium", _("Calcium"), "mg/dL | mmol/L", 2, 20, "17861-6", "49765-1", analyte="calcium"),
    _laboratory("albumin", _("Albumin"), "g/dL | g/L", 0.5, 8, "1751-7"),
    _laboratory("glucose", _("Glucose"), "mg/dL | mmol/L", 10, 1500, "2345-7", "2339-0", "1558-6", "14749-6", "41653-7",
                analyte="glucose"),
    _laboratory("hba1c", _("HbA1c"), "% | mmol/mol", 3, 20, "4548-4", "17856-6", "59261-8", analyte="hba1c", keeps=180),
    _laboratory("cholesterol", _("Total cholesterol"), "mg/dL | mmol/L", 40, 1000, "2093-3",
                analyte="cholesterol", keeps=365),
    _laboratory("hdl", _("HDL cholesterol"), "mg/dL | mmol/L", 5, 200, "2085-9",
                analyte="cholesterol", keeps=365),
    _laboratory("ldl", _("LDL cholesterol"), "mg/dL | mmol/L", 5, 800, "13457-7", "18262-6", "2089-1",
                analyte="cholesterol", keeps=365),
    _laboratory("triglycerides", _("Triglycerides"), "mg/dL | mmol/L", 10, 10_000, "2571-8",
                analyte="triglycerides", keeps=365),
    _laboratory("bilirubin", _("Bilirubin, total"), "mg/dL | umol/L", 0.05, 60, "1975-2", "42719-5",
                analyte="bilirubin"),
    _laboratory("alt", _("ALT"), "U/L", 1, 20_000, "1742-6"),
    _laboratory("ast", _("AST"), "U/L", 1, 20_000, "1920-8"),
    _laboratory("alkaline_phosphatase", _("Alkaline phosphatase"), "U/L", 5, 5_000, "6768-6"),
    _laboratory("haemoglobin", _("Haemoglobin"), "g/dL | g/L", 2, 26, "718-7"),
    _laboratory("haematocrit", _("Haematocrit"), "%", 5, 75, "4544-3", "20570-8"),
    _laboratory("white_cells", _("White cells"), "10*9/L", 0.01, 500, "6690-2", "26464-8"),
    _laboratory("neutrophils", _("Neutrophils"), "10*9/L", 0, 300, "751-8", "26499-4"),
    _laboratory("platelets", _("Platelets"), "10*9/L", 1, 3_000, "777-3", "26515-7"),
    _laboratory("inr", _("INR"), "", 0.5, 20, "6301-6", "34714-6", keeps=30),
    _laboratory("crp", _("C-reactive protein"), "mg/L", 0, 800, "1988-5", keeps=14),
    _laboratory("tsh", _("TSH"), "mU/L", 0, 500, "3016-3", "11579-0", keeps=365),
    _laboratory("ferritin", _("Ferritin"), "ng/mL", 1, 20_000, "2276-4", keeps=365),
    _laboratory("lactate", _("Lactate"), "mmol/L", 0.1, 40, "2524-7", keeps=1),
    _laboratory("urine_albumin_creatinine", _("Albumin to creatinine, urine"), "mg/g | mg/mmol", 0, 20_000, "9318-7",
                "14959-1", analyte="creatinine", keeps=365),
)  # fmt: skip
MEASURES: Final = {one.name: one for one in _ALL}
VITALS: Final = tuple(one for one in _ALL if one.is_vital)
LABORATORY: Final = tuple(one for one in _ALL if not one.is_vital)
_BY_LOINC: Final = {code: one for one in _ALL for code in one.loinc}
LOINC: Final = "http://loinc.org"

# How people write what UCUM writes otherwise.
_WRITTEN: Final = {
    "mm[Hg]": "mmHg", "Cel": "°C", "[degF]": "°F", "umol/L": "µmol/L", "10*9/L": "10⁹/L", "10*3/uL": "10³/µL",
    "10*12/L": "10¹²/L", "10*6/uL": "10⁶/µL", "mL/min/{1.73_m2}": "mL/min/1.73 m²", "kg/m2": "kg/m²",
    "{score}": "", "{INR}": "", "1": "", "ug/L": "µg/L", "u[IU]/mL": "µIU/mL", "m[IU]/L": "mIU/L",
    "[lb_av]": "lb", "[in_i]": "in", "{beats}/min": "/min",
}  # fmt: skip


def by_loinc(codes: Iterable[str]) -> Measure | None:
    """Return the measure that one of the LOINC codes stands for."""
    return next((_BY_LOINC[code] for code in codes if code in _BY_LOINC), None)


def written(unit: str) -> str:
    """Return a UCUM unit as people write it."""
    return _WRITTEN.get(unit, unit)


def value_in(measurement: Measurement, unit: str) -> float | None:
    """Return the value in another unit; None where there is none or the units do not go together."""
    if measurement.value is None:
        return None
    measure = MEASURES.get(measurement.measure)
    return _converted(measurement.value, measurement.unit, unit, measure.analyte if measure else "")


def _converted(value: float, given: str, wanted: str, analyte: str) -> float | None:
    line = _line(given, wanted, analyte)
    return None if line is None else line[0] + value * line[1]


@functools.cache
def _line(given: str, wanted: str, analyte: str) -> tuple[float, float] | None:
    """Return what 0 is in the other unit and how much each 1 adds: tables of results convert the same units often."""
    if given == wanted:
        return 0.0, 1.0
    if not given:
        return None
    try:
        nothing = convert(0.0, given, wanted, analyte=analyte)
        return nothing, convert(1.0, given, wanted, analyte=analyte) - nothing
    except UnitError:
        return None


def flag_of(measurement: Measurement) -> Flag:
    """Return whether the value is outside of its range; empty where it is inside or has no range."""
    if measurement.value is None:
        return ""
    if measurement.low is not None and measurement.value < measurement.low:
        return "low"
    if measurement.high is not None and measurement.value > measurement.high:
        return "high"
    return ""


def with_range(given: Measurement, earlier: Iterable[Measurement]) -> Measurement:
    """Return a result that came without a range with that of the first earlier one of its kind in the same unit."""
    if given.value is None or given.low is not None or given.high is not None or not given.measure:
        return given
    for one in earlier:
        if one.measure == given.measure and one.unit == given.unit and (one.low is not None or one.high is not None):
            note = gettext("Range as of the result of %(day)s.") % {"day": one.on[:10]}
            return replace(given, low=one.low, high=one.high, note=f"{given.note} {note}".strip())
    return given


@dataclass(frozen=True, slots=True)
class Shown:
    """A measurement for one reader: the value with its unit, its range, the same in the other system, and the flag."""

    value: str
    unit: str
    limits: str
    other: str
    flag: Flag


def shown(measurement: Measurement, system: System) -> Shown:
    """Return a measurement in the reader's units; in those in which it came where it has no others."""
    if measurement.value is None:
        return Shown(measurement.text, "", "", "", "")
    measure = MEASURES.get(measurement.measure)
    unit = _best(measurement, measure, system)
    other_unit = _best(measurement, measure, "conventional" if system == "si" else "si")
    other = "" if other_unit == unit else f"{_figure(measurement, measurement.value, other_unit)} {written(other_unit)}"
    return Shown(
        value=_figure(measurement, measurement.value, unit),
        unit=written(unit),
        limits=_limits(measurement, unit),
        other=other,
        flag=flag_of(measurement),
    )


def _best(measurement: Measurement, measure: Measure | None, system: System) -> str:
    wanted = measure.unit(system) if measure else measurement.unit
    return wanted if value_in(measurement, wanted) is not None else measurement.unit


def _limits(measurement: Measurement, unit: str) -> str:
    low, high = (
        None if one is None else _figure(measurement, one, unit) for one in (measurement.low, measurement.high)
    )
    if low is not None and high is not None:
        return f"{low}–{high}"
    return f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else ""


def _figure(measurement: Measurement, value: float, unit: str) -> str:
    """Write a number: as it came where the unit is its own, else with three figures that mean something."""
    if unit == measurement.unit:
        return f"{value:.6g}"
    measure = MEASURES.get(measurement.measure)
    found = _converted(value, measurement.unit, unit, measure.analyte if measure else "")
    if found is None:
        return f"{value:.6g}"
    return f"{found:.0f}" if abs(found) >= 100 else f"{found:.3g}"
