"""Electrolytes, acids and bases, glucose and lipids."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.common import (
    AGE,
    ALBUMIN,
    BICARBONATE,
    CALCIUM,
    CHLORIDE,
    CHOLESTEROL,
    GLUCOSE,
    HDL,
    SEX,
    SODIUM,
    TRIGLYCERIDES,
    UREA_NITROGEN,
    WEIGHT,
)
from clinical_assist.calculators.types import Calculator, CalculatorError, Input, Outcome, Part, Values

GROUP = "chemistry"
_NORMAL_GAP, _NORMAL_BICARBONATE = 12.0, 24.0
INSULIN = Input("insulin", _("Fasting insulin"), "number", "mU/L", 0.1, 1_000, required=True)
_EMMETT = "Emmett M, Narins RG, Medicine 1977;56:38-54"
_FIGGE = "Figge J and others, Crit Care Med 1998;26:1807-1810 (2.5 mEq/L for each g/dL of albumin)"
_GAP_LIMITS = _("Normal values depend on the laboratory; here 12 mEq/L without potassium.")
_ELECTROLYTES = (SODIUM, CHLORIDE, BICARBONATE)


def _corrected_calcium(values: Values) -> Outcome:
    return Outcome(values.number("calcium") + 0.8 * (4.0 - values.number("albumin")))


def _corrected_sodium(values: Values) -> Outcome:
    excess = values.number("glucose") - 100
    return Outcome(
        values.number("sodium") + 0.024 * excess,
        (
            Part(
                _("With the older factor of 1.6 for each 100 mg/dL"), values.number("sodium") + 0.016 * excess, "mEq/L"
            ),
        ),
    )


def _osmolality(values: Values) -> Outcome:
    found = 2 * values.number("sodium") + values.number("urea_nitrogen") / 2.8 + values.number("glucose") / 18
    return Outcome(found, meaning=_("Usually 275 to 295 mOsm/kg; a measured value 10 higher shows other substances."))


def _water_deficit(values: Values) -> Outcome:
    age, female = values.number("age"), values.is_female()
    if age < 18:
        share = 0.6
    elif age < 65:
        share = 0.5 if female else 0.6
    else:
        share = 0.45 if female else 0.5
    found = share * values.number("weight") * (values.number("sodium") / 140 - 1)
    meaning = _("Less than nothing: there is no deficit of water.") if found < 0 else ""
    return Outcome(found, (Part(_("Share of water in the body"), share),), meaning)


def gap(values: Values) -> float:
    """The anion gap without potassium, in mEq/L."""
    return values.number("sodium") - values.number("chloride") - values.number("bicarbonate")


def corrected_gap(values: Values) -> float:
    """The anion gap as it would be at an albumin of 4 g/dL."""
    return gap(values) + 2.5 * (4.0 - values.number("albumin"))


def _anion_gap(values: Values) -> Outcome:
    found = gap(values)
    return Outcome(found, meaning=_("Higher than 12 mEq/L.") if found > _NORMAL_GAP else _("Not raised."))


def _corrected_anion_gap(values: Values) -> Outcome:
    found = corrected_gap(values)
    meaning = _("Higher than 12 mEq/L.") if found > _NORMAL_GAP else _("Not raised.")
    return Outcome(found, (Part(_("Without correction"), gap(values), "mEq/L"),), meaning)


def _delta_gap(values: Values) -> Outcome:
    return Outcome(gap(values) - _NORMAL_GAP)


def _corrected_delta_gap(values: Values) -> Outcome:
    return Outcome(corrected_gap(values) - _NORMAL_GAP)


def _delta_ratio(values: Values) -> Outcome:
    return _ratio(gap(values), values)


def _corrected_delta_ratio(values: Values) -> Outcome:
    return _ratio(corrected_gap(values), values)


def _ratio(found: float, values: Values) -> Outcome:
    missing = _NORMAL_BICARBONATE - values.number("bicarbonate")
    if missing == 0:
        raise CalculatorError(str(_("At a bicarbonate of 24 mEq/L there is no ratio.")))
    ratio = (found - _NORMAL_GAP) / missing
    if ratio < 0.4:
        meaning = _("Under 0.4: an acidosis with a normal gap alone.")
    elif ratio < 0.8:
        meaning = _("0.4 to 0.8: acidoses with a high and a normal gap together.")
    elif ratio <= 2:
        meaning = _("0.8 to 2: an acidosis with a high gap alone.")
    else:
        meaning = _("Over 2: a high gap with an alkalosis, or with a bicarbonate that was high before.")
    return Outcome(ratio, meaning=meaning)


def _insulin_resistance(values: Values) -> Outcome:
    return Outcome(values.number("insulin") * values.number("glucose") / 405)


def _ldl(values: Values) -> Outcome:
    triglycerides = values.number("triglycerides")
    if triglycerides >= 400:
        raise CalculatorError(
            str(_("With triglycerides of 400 mg/dL and more the formula does not hold: measure LDL."))
        )
    return Outcome(values.number("cholesterol") - values.number("hdl") - triglycerides / 5)


CALCULATORS = (
    Calculator(
        "corrected_calcium", _("Calcium corrected for albumin"), GROUP, (CALCIUM, ALBUMIN), _corrected_calcium,
        "Payne RB and others, BMJ 1973;4:643-646", unit="mg/dL",
        limits=_("Unreliable in severe illness and kidney disease: measure ionised calcium there."),
        aliases=("calcium correction for hypoalbuminemia", "corrected calcium"),
    ),
    Calculator(
        "corrected_sodium", _("Sodium corrected for glucose"), GROUP, (SODIUM, GLUCOSE), _corrected_sodium,
        "Hillier TA and others, Am J Med 1999;106:399-403", unit="mEq/L",
        limits=_("For raised glucose; what counts for treatment is how sodium and osmolality move."),
        aliases=("sodium correction for hyperglycemia", "corrected sodium"),
    ),
    Calculator(
        "serum_osmolality", _("Serum osmolality, calculated"), GROUP, (SODIUM, UREA_NITROGEN, GLUCOSE), _osmolality,
        "Dorwart WV, Chalmers L, Clin Chem 1975;21:190-194 and later use", unit="mOsm/kg",
        limits=_("Counts sodium, urea and glucose alone."), aliases=("serum osmolality",),
    ),
    Calculator(
        "free_water_deficit", _("Free water deficit"), GROUP, (AGE, SEX, WEIGHT, SODIUM), _water_deficit,
        "Adrogué HJ, Madias NE, N Engl J Med 2000;342:1493-1499", unit="L",
        limits=_("For raised sodium; correct slowly and measure again, losses go on."), aliases=("free water deficit",),
    ),
    Calculator(
        "anion_gap", _("Anion gap"), GROUP, _ELECTROLYTES, _anion_gap, _EMMETT, unit="mEq/L", limits=_GAP_LIMITS,
        aliases=("anion gap",),
    ),
    Calculator(
        "albumin_corrected_anion_gap", _("Anion gap corrected for albumin"), GROUP, (*_ELECTROLYTES, ALBUMIN),
        _corrected_anion_gap, _FIGGE, unit="mEq/L", limits=_GAP_LIMITS, aliases=("albumin corrected anion gap",),
    ),
    Calculator(
        "delta_gap", _("Delta gap"), GROUP, _ELECTROLYTES, _delta_gap, _EMMETT, unit="mEq/L", limits=_GAP_LIMITS,
        aliases=("delta gap",),
    ),
    Calculator(
        "albumin_corrected_delta_gap", _("Delta gap corrected for albumin"), GROUP, (*_ELECTROLYTES, ALBUMIN),
        _corrected_delta_gap, _FIGGE, unit="mEq/L", limits=_GAP_LIMITS, aliases=("albumin corrected delta gap",),
    ),
    Calculator(
        "delta_ratio", _("Delta ratio"), GROUP, _ELECTROLYTES, _delta_ratio,
        "Rastegar A, J Am Soc Nephrol 2007;18:2429-2431", limits=_GAP_LIMITS, aliases=("delta ratio",),
    ),
    Calculator(
        "albumin_corrected_delta_ratio", _("Delta ratio corrected for albumin"), GROUP, (*_ELECTROLYTES, ALBUMIN),
        _corrected_delta_ratio, _FIGGE, limits=_GAP_LIMITS, aliases=("albumin corrected delta ratio",),
    ),
    Calculator(
        "homa_ir", _("Insulin resistance (HOMA-IR)"), GROUP, (INSULIN, GLUCOSE), _insulin_resistance,
        "Matthews DR and others, Diabetologia 1985;28:412-419",
        limits=_("From fasting blood; limits depend on the people and the assay; not on insulin."),
        aliases=("homa-ir (homeostatic model assessment for insulin resistance)", "homa-ir"),
    ),
    Calculator(
        "ldl_friedewald", _("LDL cholesterol (Friedewald)"), GROUP, (CHOLESTEROL, HDL, TRIGLYCERIDES), _ldl,
        "Friedewald WT and others, Clin Chem 1972;18:499-502", unit="mg/dL",
        limits=_("Too low at low LDL and high triglycerides."), aliases=("ldl calculated", "ldl"),
    ),
)  # fmt: skip
