"""How kidneys work."""

from __future__ import annotations

import math

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.body import adjusted_weight, body_mass_index, ideal_weight
from clinical_assist.calculators.common import ADULT_AGE, CREATININE, HEIGHT, SEX, SODIUM, WEIGHT
from clinical_assist.calculators.types import Calculator, Input, Outcome, Part, Values

GROUP = "kidney"
_CLASSES = (
    (90, _("G1 of KDIGO's classes: normal or high (90 and over).")),
    (60, _("G2 of KDIGO's classes: mildly lower (60 to 89).")),
    (45, _("G3a of KDIGO's classes: mildly to moderately lower (45 to 59).")),
    (30, _("G3b of KDIGO's classes: moderately to severely lower (30 to 44).")),
    (15, _("G4 of KDIGO's classes: severely lower (15 to 29).")),
    (0, _("G5 of KDIGO's classes: kidney failure (under 15).")),
)
URINE_SODIUM = Input("urine_sodium", _("Urine sodium"), "number", "mEq/L", 1, 400, analyte="sodium", required=True,
                     aliases=("urine sodium",))  # fmt: skip
URINE_CREATININE = Input(
    "urine_creatinine", _("Urine creatinine"), "number", "mg/dL", 1, 1_000, analyte="creatinine", required=True,
    aliases=("urine creatinine",),
)  # fmt: skip


def clearance_weight(weight: float, height: float, *, female: bool) -> float:
    """Return the weight for Cockcroft and Gault's equation.

    The actual weight under a body mass index of 18.5, the lower of actual and ideal weight up to 25, else the
    adjusted weight (Winter MA and others, Pharmacotherapy 2012;32:604-612).
    """
    ideal, index = ideal_weight(height, female=female), body_mass_index(weight, height)
    if index < 18.5:
        return weight
    return min(weight, ideal) if index < 25 else adjusted_weight(weight, ideal)


def creatinine_clearance(age: float, weight: float, creatinine: float, *, female: bool) -> float:
    """Cockcroft and Gault's equation, in mL/min, for a weight in kg and a creatinine in mg/dL."""
    return (140 - age) * weight * (0.85 if female else 1.0) / (72 * creatinine)


def filtration_rate(age: float, creatinine: float, *, female: bool) -> float:
    """The CKD-EPI equation of 2021 without race, in mL/min/1.73 m2, for a creatinine in mg/dL."""
    limit, low = (0.7, -0.241) if female else (0.9, -0.302)
    share = creatinine / limit
    return math.prod(
        (
            142,
            math.pow(min(share, 1), low),
            math.pow(max(share, 1), -1.2),
            math.pow(0.9938, age),
            1.012 if female else 1,
        )
    )


def _clearance(values: Values) -> Outcome:
    female = values.is_female()
    weight = clearance_weight(values.number("weight"), values.number("height"), female=female)
    found = creatinine_clearance(values.number("age"), weight, values.number("creatinine"), female=female)
    return Outcome(found, (Part(_("Weight that was used"), weight, "kg"),))


def _filtration(values: Values) -> Outcome:
    return _staged(filtration_rate(values.number("age"), values.number("creatinine"), female=values.is_female()))


def _mdrd(values: Values) -> Outcome:
    found = 175 * values.number("creatinine") ** -1.154 * values.number("age") ** -0.203
    return _staged(found * (0.742 if values.is_female() else 1.0))


def _staged(rate: float) -> Outcome:
    return Outcome(rate, meaning=next(words for least, words in _CLASSES if rate >= least))


def _sodium_excretion(values: Values) -> Outcome:
    found = (
        100 * values.number("creatinine") * values.number("urine_sodium")
        / (values.number("sodium") * values.number("urine_creatinine"))
    )  # fmt: skip
    if found < 1:
        meaning = _("Under 1 %: speaks for too little blood reaching the kidney.")
    elif found > 2:
        meaning = _("Over 2 %: speaks for damage of the kidney itself.")
    else:
        meaning = _("1 to 2 %: says little either way.")
    return Outcome(found, meaning=meaning)


CALCULATORS = (
    Calculator(
        "creatinine_clearance", _("Creatinine clearance (Cockcroft and Gault)"), GROUP,
        (ADULT_AGE, SEX, WEIGHT, HEIGHT, CREATININE), _clearance,
        "Cockcroft DW, Gault MH, Nephron 1976;16:31-41; weight after Winter MA and others, Pharmacotherapy 2012", unit="mL/min",
        limits=_("For adults with a steady creatinine; not in acute kidney injury, pregnancy or on dialysis."),
        aliases=("creatinine clearance (cockcroft-gault equation)", "cockcroft-gault", "crcl", "cockcroft gault"),
    ),
    Calculator(
        "ckd_epi_2021", _("Glomerular filtration rate (CKD-EPI 2021)"), GROUP, (ADULT_AGE, SEX, CREATININE), _filtration,
        "Inker LA and others, N Engl J Med 2021;385:1737-1749", unit="mL/min/1.73 m2",
        limits=_("For adults with a steady creatinine; unusual muscle mass, diet or amputation mislead."),
        aliases=("ckd-epi equations for glomerular filtration rate", "ckd-epi 2021", "ckd-epi", "egfr"),
    ),
    Calculator(
        "mdrd", _("Glomerular filtration rate (MDRD)"), GROUP, (ADULT_AGE, SEX, CREATININE), _mdrd,
        "Levey AS and others, Ann Intern Med 2006;145:247-254 (without the factor for race)", unit="mL/min/1.73 m2",
        limits=_("Replaced by CKD-EPI 2021; kept to compare with older results. Too low at rates over 60."),
        aliases=("mdrd gfr equation", "mdrd gfr"),
    ),
    Calculator(
        "fractional_excretion_of_sodium", _("Fractional excretion of sodium"), GROUP,
        (SODIUM, CREATININE, URINE_SODIUM, URINE_CREATININE), _sodium_excretion,
        "Espinel CH, JAMA 1976;236:579-581", unit="%", digits=3,
        limits=_("For acute kidney injury with little urine; diuretics and chronic kidney disease mislead."),
        aliases=("fractional excretion of sodium (fena)", "fena"),
    ),
)  # fmt: skip
