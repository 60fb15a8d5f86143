"""Size of the body, and what is given by it."""

from __future__ import annotations

import math

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.common import BMI, DIASTOLIC, HEIGHT, SEX, SYSTOLIC, WEIGHT
from clinical_assist.calculators.types import Calculator, Outcome, Part, Values

_CENTIMETRES_AN_INCH = 2.54
GROUP = "body"


def body_mass_index(weight: float, height: float) -> float:
    return weight / (height / 100) ** 2


def ideal_weight(height: float, *, female: bool) -> float:
    """Devine's formula: 50 kg (45.5 kg for women) and 2.3 kg for each inch over five feet."""
    return (45.5 if female else 50.0) + 2.3 * (height / _CENTIMETRES_AN_INCH - 60)


def adjusted_weight(weight: float, ideal: float) -> float:
    return ideal + 0.4 * (weight - ideal)


def _bmi(values: Values) -> Outcome:
    value = body_mass_index(values.number("weight"), values.number("height"))
    if value < 18.5:
        meaning = _("Underweight by the WHO's classes for adults (under 18.5).")
    elif value < 25:
        meaning = _("Normal weight by the WHO's classes for adults (18.5 to 24.9).")
    elif value < 30:
        meaning = _("Overweight by the WHO's classes for adults (25 to 29.9).")
    else:
        meaning = _("Obesity by the WHO's classes for adults (30 and over).")
    return Outcome(value, meaning=meaning)


def _surface(values: Values) -> Outcome:
    return Outcome(math.sqrt(values.number("weight") * values.number("height") / 3_600))


def _ideal(values: Values) -> Outcome:
    return Outcome(ideal_weight(values.number("height"), female=values.is_female()))


def _adjusted(values: Values) -> Outcome:
    ideal = ideal_weight(values.number("height"), female=values.is_female())
    return Outcome(adjusted_weight(values.number("weight"), ideal), (Part(_("Ideal weight"), ideal, "kg"),))


def _target(values: Values) -> Outcome:
    return Outcome(values.number("bmi") * (values.number("height") / 100) ** 2)


def _mean_pressure(values: Values) -> Outcome:
    systolic, diastolic = values.number("systolic"), values.number("diastolic")
    meaning = _("Under 65 mmHg organs may be short of blood.") if (systolic + 2 * diastolic) / 3 < 65 else ""
    return Outcome((systolic + 2 * diastolic) / 3, meaning=meaning)


def _fluids(values: Values) -> Outcome:
    weight = values.number("weight")
    if weight <= 10:
        return Outcome(4 * weight)
    return Outcome(40 + 2 * (weight - 10) if weight <= 20 else 60 + (weight - 20))


CALCULATORS = (
    Calculator(
        "bmi", _("Body mass index"), GROUP, (WEIGHT, HEIGHT), _bmi,
        "WHO Technical Report Series 894, 2000", unit="kg/m2",
        limits=_("Classes are for adults; muscle, oedema and pregnancy mislead; other limits are used for Asian people."),
        aliases=("body mass index (bmi)",),
    ),
    Calculator(
        "bsa", _("Body surface area (Mosteller)"), GROUP, (WEIGHT, HEIGHT), _surface,
        "Mosteller RD, N Engl J Med 1987;317:1098", unit="m2",
        limits=_("An estimate; other formulas differ by some per cent, most in very small and very heavy people."),
        aliases=("body surface area calculator", "body surface area"),
    ),
    Calculator(
        "ideal_body_weight", _("Ideal body weight (Devine)"), GROUP, (SEX, HEIGHT), _ideal,
        "Devine BJ, Drug Intell Clin Pharm 1974;8:650-655", unit="kg",
        limits=_("For adults of five feet (152 cm) or more; made for doses, not a goal for anybody's weight."),
        aliases=("ideal body weight",),
    ),
    Calculator(
        "adjusted_body_weight", _("Adjusted body weight"), GROUP, (SEX, WEIGHT, HEIGHT), _adjusted,
        "Bauer LA and others, Am J Hosp Pharm 1980;37:519-522 (factor 0.4)", unit="kg",
        limits=_("For doses in obese adults; which weight a dose takes, its monograph says."),
        aliases=("adjusted body weight",),
    ),
    Calculator(
        "target_weight", _("Weight at a body mass index"), GROUP, (BMI, HEIGHT), _target,
        "WHO Technical Report Series 894, 2000", unit="kg",
        limits=_("Turns the body mass index around; it recommends no weight."), aliases=("target weight",),
    ),
    Calculator(
        "mean_arterial_pressure", _("Mean arterial pressure"), GROUP, (SYSTOLIC, DIASTOLIC), _mean_pressure,
        "Diastolic pressure and a third of the pulse pressure", unit="mmHg",
        limits=_("An estimate from a cuff at ordinary heart rates."), aliases=("mean arterial pressure (map)", "map"),
    ),
    Calculator(
        "maintenance_fluids", _("Maintenance fluids (4-2-1 rule)"), GROUP, (WEIGHT,), _fluids,
        "Holliday MA, Segar WE, Pediatrics 1957;19:823-832", unit="mL/h",
        limits=_("For people without heart, kidney or liver failure and without losses; not for newborns."),
        aliases=("maintenance fluids calculations", "maintenance fluids"),
    ),
)  # fmt: skip
