"""Dates of a pregnancy, from the first day of the last period."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.types import Calculator, CalculatorError, Input, Outcome, Values

GROUP = "pregnancy"
_CYCLE_DAYS = 28
LAST_PERIOD = Input("last_period", _("First day of the last period"), "date", required=True,
                    aliases=("last menstrual date", "last menstrual period"))  # fmt: skip
CYCLE = Input("cycle_length", _("Length of the cycle"), "number", "d", 20, 45, aliases=("cycle length",))
TODAY = Input("on", _("On the day"), "date", required=True, aliases=("current date",))
_LIMITS = _("For regular cycles; an early ultrasound dates better.")


def _longer(values: Values) -> int:
    given = values.optional("cycle_length")
    return 0 if given is None else round(given) - _CYCLE_DAYS


def _due(values: Values) -> Outcome:
    found = values.day("last_period") + timedelta(days=280 + _longer(values))
    return Outcome(None, text=found.isoformat())


def _conception(values: Values) -> Outcome:
    found = values.day("last_period") + timedelta(days=14 + _longer(values))
    return Outcome(None, text=found.isoformat())


def _gestation(values: Values) -> Outcome:
    days = (values.day("on") - values.day("last_period")).days
    if not 0 <= days <= 320:
        raise CalculatorError(str(_("The two days are not within one pregnancy: look at both dates.")))
    weeks, rest = divmod(days, 7)
    return Outcome(float(days), text=str(_("%(weeks)s weeks, %(days)s days") % {"weeks": weeks, "days": rest}))


CALCULATORS = (
    Calculator(
        "due_date", _("Estimated due date (Naegele)"), GROUP, (LAST_PERIOD, CYCLE), _due,
        "ACOG Committee Opinion 700, 2017", limits=_LIMITS, aliases=("estimated due date",),
    ),
    Calculator(
        "conception_date", _("Estimated date of conception"), GROUP, (LAST_PERIOD, CYCLE), _conception,
        "ACOG Committee Opinion 700, 2017 (ovulation fourteen days before the next period)", limits=_LIMITS,
        aliases=("estimated date of conception",),
    ),
    Calculator(
        "gestational_age", _("Gestational age"), GROUP, (LAST_PERIOD, TODAY), _gestation,
        "ACOG Committee Opinion 700, 2017", unit="d", digits=0, limits=_LIMITS, aliases=("estimated gestational age",),
    ),
)  # fmt: skip
