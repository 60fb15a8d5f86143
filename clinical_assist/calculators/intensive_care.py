"""APACHE II, which has too many steps to stand among others."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.common import (
    ADULT_AGE,
    COMA_SCALE,
    CREATININE,
    DIASTOLIC,
    FIO2,
    HAEMATOCRIT,
    HEART_RATE,
    PACO2,
    PAO2,
    PH,
    POTASSIUM,
    RESPIRATORY_RATE,
    SODIUM,
    SYSTOLIC,
    TEMPERATURE,
    WHITE_CELLS,
    flag,
    optional,
)
from clinical_assist.calculators.types import Calculator, CalculatorError, Input, Outcome, Part, Values, band, total

# Of the atmosphere at sea level without the pressure of water vapour, and the respiratory quotient.
_DRY_AIR_MMHG, _RESPIRATORY_QUOTIENT = 713.0, 0.8
_ACUTE = flag("acute_renal_failure", _("Acute kidney failure"), "acute renal failure")
_CHRONIC = flag("chronic_renal_failure", _("Chronic kidney failure"), "chronic renal failure")
_HISTORY = flag(
    "organ_failure", _("Severe organ failure or immune deficiency before"),
    "history of severe organ failure or immunocompromise",
)  # fmt: skip
_SURGERY = Input("surgery", _("Admitted after surgery"), "choice", aliases=("surgery type",), choices=(
    ("nonoperative", _("No surgery")), ("emergency", _("Emergency surgery")), ("elective", _("Elective surgery"))))  # fmt: skip

# Steps of a measurement: (bound, points) for values under the bound, and the points beyond the last.
_STEPS = {
    "temperature": (((30, 4), (32, 3), (34, 2), (36, 1), (38.5, 0), (39, 1), (41, 3)), 4),
    "heart_rate": (((40, 4), (55, 3), (70, 2), (110, 0), (140, 2), (180, 3)), 4),
    "respiratory_rate": (((6, 4), (10, 2), (12, 1), (25, 0), (35, 1), (50, 3)), 4),
    "ph": (((7.15, 4), (7.25, 3), (7.33, 2), (7.5, 0), (7.6, 1), (7.7, 3)), 4),
    "sodium": (((111, 4), (120, 3), (130, 2), (150, 0), (155, 1), (160, 2), (180, 3)), 4),
    "potassium": (((2.5, 4), (3, 2), (3.5, 1), (5.5, 0), (6, 1), (7, 3)), 4),
    "haematocrit": (((20, 4), (30, 2), (46, 0), (50, 1), (60, 2)), 4),
    "white_cells": (((1, 4), (3, 2), (15, 0), (20, 1), (40, 2)), 4),
}  # fmt: skip
_INPUTS = (
    ADULT_AGE, _HISTORY, _SURGERY, TEMPERATURE, SYSTOLIC, DIASTOLIC, HEART_RATE, RESPIRATORY_RATE, FIO2, PAO2,
    optional(PACO2), PH, SODIUM, POTASSIUM, CREATININE, _ACUTE, _CHRONIC, HAEMATOCRIT, WHITE_CELLS,
    replace(COMA_SCALE, required=True),
)  # fmt: skip


def _apache(values: Values) -> Outcome:
    labels = {one.name: one.label for one in _INPUTS}
    pressure = (values.number("systolic") + 2 * values.number("diastolic")) / 3
    parts = (
        Part(_("Age"), band(values.number("age"), (45, 0), (55, 2), (65, 3), (75, 5), above=6)),
        Part(_HISTORY.label, _history(values)),
        Part(_("Mean arterial pressure"), band(pressure, (50, 4), (70, 2), (110, 0), (130, 2), (160, 3), above=4)),
        Part(_("Oxygen"), _oxygen(values)),
        Part(CREATININE.label, _creatinine(values)),
        Part(_("Brain (coma scale)"), 15 - values.number("coma_scale")),
        *(Part(labels[name], band(values.number(name), *steps, above=last)) for name, (steps, last) in _STEPS.items()),
    )
    return Outcome(total(parts), parts)


def _history(values: Values) -> float:
    if not values.flag("organ_failure"):
        return 0
    return 2 if values.choice("surgery", default="nonoperative") == "elective" else 5


def _oxygen(values: Values) -> float:
    share, pressure = values.number("fio2") / 100, values.number("pao2")
    if share < 0.5:
        return band(pressure, (55, 4), (61, 3), (71, 1), above=0)
    carbon_dioxide = values.optional("paco2")
    if carbon_dioxide is None:
        raise CalculatorError(
            str(_("At an inspired oxygen of 50 per cent and more the carbon dioxide (PaCO₂) is needed."))
        )
    gradient = share * _DRY_AIR_MMHG - carbon_dioxide / _RESPIRATORY_QUOTIENT - pressure
    return band(gradient, (200, 0), (350, 2), (500, 3), above=4)


def _creatinine(values: Values) -> float:
    found = band(values.number("creatinine"), (0.6, 2), (1.5, 0), (2, 2), (3.5, 3), above=4)
    raised = values.number("creatinine") >= 1.5
    return (
        found * 2
        if raised and values.flag("acute_renal_failure") and not values.flag("chronic_renal_failure")
        else found
    )


CALCULATORS = (
    Calculator(
        "apache_ii", _("APACHE II"), "severity", _INPUTS, _apache,
        "Knaus WA and others, Crit Care Med 1985;13:818-829", digits=0,
        limits=_("For adults in intensive care; the worst values of the first 24 hours; foretells nothing about one person."),
        aliases=("apache ii score", "apache ii"),
    ),
)  # fmt: skip
