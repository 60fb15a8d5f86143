"""The QT interval, corrected for the heart's rate."""

from __future__ import annotations

import math
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.common import HEART_RATE
from clinical_assist.calculators.types import Calculator, Formula, Input, Outcome, Values

GROUP = "heart"
QT = Input("qt", _("QT interval"), "number", "ms", 150, 800, required=True, aliases=("qt interval",))
_LIMITS = _(
    "Measured by a person; bundle branch block, pacing and atrial fibrillation mislead; formulas differ most at fast and slow rates."
)


def bazett(qt: float, rate: float) -> float:
    return qt / math.sqrt(60 / rate)


def fridericia(qt: float, rate: float) -> float:
    return qt / math.cbrt(60 / rate)


def framingham(qt: float, rate: float) -> float:
    return qt + 154 * (1 - 60 / rate)


def hodges(qt: float, rate: float) -> float:
    return qt + 1.75 * (rate - 60)


def rautaharju(qt: float, rate: float) -> float:
    return qt * (120 + rate) / 180


def _formula(corrected: Callable[[float, float], float]) -> Formula:
    def compute(values: Values) -> Outcome:
        found = corrected(values.number("qt"), values.number("heart_rate"))
        if found >= 500:
            meaning = _("500 ms and more: a clearly raised risk of torsade de pointes.")
        elif found > 460:
            meaning = _("Over 460 ms: prolonged by most limits (450 ms for men, 460 ms for women).")
        elif found > 450:
            meaning = _("Over 450 ms: prolonged by most limits for men.")
        else:
            meaning = _("Not prolonged by most limits (450 ms for men, 460 ms for women).")
        return Outcome(found, meaning=meaning)

    return compute


CALCULATORS = tuple(
    Calculator(name, title, GROUP, (QT, HEART_RATE), _formula(corrected), source, unit="ms", limits=_LIMITS,
               aliases=aliases)
    for name, title, corrected, source, aliases in (
        ("qtc_bazett", _("Corrected QT (Bazett)"), bazett, "Bazett HC, Heart 1920;7:353-370",
         ("qtc bazett calculator", "qtc")),
        ("qtc_fridericia", _("Corrected QT (Fridericia)"), fridericia, "Fridericia LS, Acta Med Scand 1920;53:469-486",
         ("qtc fridericia calculator",)),
        ("qtc_framingham", _("Corrected QT (Framingham)"), framingham,
         "Sagie A and others, Am J Cardiol 1992;70:797-801", ("qtc framingham calculator",)),
        ("qtc_hodges", _("Corrected QT (Hodges)"), hodges, "Hodges M and others, J Am Coll Cardiol 1983;1:694",
         ("qtc hodges calculator",)),
        ("qtc_rautaharju", _("Corrected QT (Rautaharju)"), rautaharju,
         "Rautaharju PM, Zhang ZM, J Cardiovasc Electrophysiol 2002;13:1211-1218", ("qtc rautaharju calculator",)),
    )
)  # fmt: skip
