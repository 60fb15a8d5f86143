"""Doses against their usual ranges: by age, weight and kidneys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from django.utils.translation import gettext as _

from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import UNITS, Alert, Medicine, Order, Patient, Tier

CHILD_UNDER = 12
"""Under this age, in years, doses go by weight."""
_OLD = 65
_FAR_OVER = 2.0
_CHILD_FAR_OVER = 1.5
# What is given weekly or less often is at times split into as many as three days of the week.
_MOST_A_WEEK = 3.01
# Classes of medicines without a daily form, and how grave it is to order them daily.
_NEVER_DAILY: Final[Mapping[str, Tier]] = {"long-acting": 1, "never daily": 2}
# A daily form in large doses, a weekly one in small ones.
_WEEKLY_UNDER: Final = "weekly under the daily range"
# Half a per cent: what is lost in turning units round.
_SLACK = 1.005


def dose_alerts(patient: Patient, order: Order) -> Iterator[Alert]:
    """Yield what the dose is over or under. An order without a dose has none."""
    medicine = order.medicine
    if medicine.is_a("once a week"):
        yield from _weekly(order)
        return
    often = (order.times_a_day or 0) > _MOST_A_WEEK / 7
    if often and (tier := _tier_of_daily(order)):
        text = _("%(medicine)s is given weekly or less often, and this reads as an order for every day.")
        advice = _("Write how many weeks lie between the doses.")
        yield _alert("dose:daily", tier, medicine, text % {"medicine": medicine.name}, advice)
        return
    if patient.age is not None and patient.age < CHILD_UNDER:
        yield from _child(patient, order)
        return
    if order.dose is not None and order.dose > medicine.dose_high * _SLACK:
        yield _over(medicine, order.dose, medicine.dose_high, _("at once"), _FAR_OVER)
    a_day = order.a_day
    # Less often than daily is a scheme of its own, such as a tablet a week.
    if a_day is None or not often:
        return
    if a_day > medicine.day_high * _SLACK:
        yield _over(medicine, a_day, medicine.day_high, _("a day"), _FAR_OVER)
    elif a_day < medicine.day_low / _SLACK and (order.times_a_day or 0) >= 1:
        text = _("%(medicine)s: %(given)s %(unit)s a day is less than the usual %(low)s %(unit)s.") % {
            **_amounts(medicine, a_day),
            "low": f"{medicine.day_low:g}",
        }
        yield _alert("dose:low", 3, medicine, text, _("Look at the unit and how often it is given."))


def _tier_of_daily(order: Order) -> Tier | None:
    """Return how grave it is to order the medicine daily; None where it may be."""
    medicine = order.medicine
    if medicine.is_a(_WEEKLY_UNDER):
        return 1 if order.a_day is not None and order.a_day < medicine.day_low / _SLACK else None
    return next((tier for name, tier in _NEVER_DAILY.items() if medicine.is_a(name)), None)


def _weekly(order: Order) -> Iterator[Alert]:
    medicine = order.medicine
    if order.times_a_day is not None and order.times_a_day > 1.01 / 7:
        text = _("%(medicine)s is given once a week: more often has killed people.") % {"medicine": medicine.name}
        yield _alert("dose:weekly", 1, medicine, text, _("Write the day of the week into the order."))
    elif order.dose is not None and order.dose > medicine.dose_high * _SLACK:
        yield _over(medicine, order.dose, medicine.dose_high, _("at once"), _FAR_OVER)


def _child(patient: Patient, order: Order) -> Iterator[Alert]:
    medicine, a_day = order.medicine, order.a_day
    if medicine.child is None:
        text = _("No dose of %(medicine)s for children is known here.") % {"medicine": medicine.name}
        yield _alert("dose:child_unknown", 2, medicine, text, _("Look it up in a formulary for children."))
        return
    if patient.weight is None:
        text = _("%(medicine)s goes by weight for a child, and the weight is unknown.") % {"medicine": medicine.name}
        yield _alert("dose:weight_unknown", 2, medicine, text, _("Weigh the child."))
        return
    if a_day is None:
        return
    low, high = (bound * patient.weight for bound in medicine.child)
    if a_day > min(high, medicine.day_high) * _SLACK:
        yield _over(medicine, a_day, min(high, medicine.day_high), _("a day at this weight"), _CHILD_FAR_OVER)
    elif a_day < min(low, medicine.day_low) / _SLACK:
        text = _("%(medicine)s: %(given)s %(unit)s a day is less than the usual %(low)s %(unit)s.") % {
            **_amounts(medicine, a_day),
            "low": f"{min(low, medicine.day_low):g}",
        }
        yield _alert("dose:low", 3, medicine, text, _("Look at the unit and how often it is given."))


def kidney_alerts(patient: Patient, medicine: Medicine) -> Iterator[Alert]:
    """Yield what the kidneys' function says: the strictest bound that the clearance is under."""
    if not medicine.clearance:
        return
    if patient.clearance is None:
        if patient.age is not None and patient.age >= _OLD:
            text = _("%(medicine)s goes by kidney function, and that is unknown.") % {"medicine": medicine.name}
            yield _alert("kidney:unknown", 3, medicine, text, _("Measure creatinine."), kind="kidney")
        return
    for bound, action in medicine.clearance:
        if patient.clearance < bound:
            values = {"medicine": medicine.name, "clearance": f"{patient.clearance:.0f}", "bound": f"{bound:g}"}
            tier: Tier
            if action == "avoid":
                tier, text = 1, _("%(medicine)s is to be avoided under %(bound)s mL/min; clearance is %(clearance)s.")
            elif action == "reduce":
                tier, text = 2, _("%(medicine)s: a lower dose under %(bound)s mL/min; clearance is %(clearance)s.")
            else:
                tier, text = 3, _("%(medicine)s with care under %(bound)s mL/min; clearance is %(clearance)s.")
            yield _alert(f"kidney:{action}", tier, medicine, text % values, "", kind="kidney")
            return


def _over(medicine: Medicine, given: float, most: float, span: str, far: float) -> Alert:
    text = _("%(medicine)s: %(given)s %(unit)s %(span)s is more than the usual most, %(most)s %(unit)s.") % {
        **_amounts(medicine, given),
        "span": span,
        "most": f"{most:g}",
    }
    tier: Tier = 1 if given >= far * most else 2
    return _alert("dose:high", tier, medicine, text, _("Look at the unit and how often it is given."))


def _amounts(medicine: Medicine, given: float) -> dict[str, str]:
    return {"medicine": medicine.name, "given": f"{given:g}", "unit": str(UNITS[medicine.unit])}


def _alert(rule: str, tier: Tier, medicine: Medicine, text: str, advice: str, *, kind: str = "dose") -> Alert:
    return Alert(rule, kind, tier, (medicine.name,), text, advice, library().sources[medicine.source])  # type: ignore[arg-type]
