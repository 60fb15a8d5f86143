"""What order sets propose for one patient: each line with whether it fits, what speaks against it, and what to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinical_assist.medicines.types import Alert, Order, Patient
from clinical_assist.ordersets.types import OrderLine, OrderSet, OrderSets
from clinical_assist.plans.checking import keyed
from clinical_assist.plans.patient_facts import may_bear


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of an order set for one patient. ``against`` says why it is not proposed, ``first`` what to ask before.

    ``alerts`` are those of the line alone against the record; one of tier 1 is among what speaks against it.
    """

    line: OrderLine
    of_set: OrderSet
    text: str
    work: str
    order: Order | None = None
    against: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def fits(self) -> bool:
        return not self.against


def propose(patient: Patient, conditions: Iterable[str], found: OrderSets) -> list[Proposal]:
    """Return every line of the sets that are meant for the conditions, in the order of the sets."""
    wanted = list(dict.fromkeys(conditions))
    sets = dict.fromkeys(one.code for condition in wanted for one in found.of_condition(condition))
    return [
        proposal(patient, line, found)
        for code in sets
        for line in found.sets[code].lines
        if set(line.conditions) & set(wanted)
    ]


def proposal(patient: Patient, line: OrderLine, found: OrderSets) -> Proposal:
    """Return one line of the sets as it stands for a patient."""
    of_set = found.sets[line.code.partition(":")[0]]
    against = list(_against(patient, line))
    order, text = line.order, line.text
    if line.by_weight is not None:
        if patient.weight is None:
            against.append(_("The dose goes by weight, and that is not known."))
        else:
            order = line.by_weight.order(patient.weight)
            text = _by_weight(line, order, patient.weight)
    alerts = tuple(alert for alert, _keys in keyed(patient, [order])) if order is not None else ()
    against += [f"{' + '.join(alert.about)}: {alert.text}" for alert in alerts if alert.tier == 1]
    work = found.sources[line.source]
    return Proposal(line, of_set, text, work, order, tuple(against), tuple(_first(patient, line)), alerts)


def _by_weight(line: OrderLine, order: Order, weight: float) -> str:
    dose = line.by_weight
    if dose is None:
        return line.text
    return ngettext(
        "%(medicine)s %(dose)s mg once a day (%(by)s mg/kg a day, %(weight)s kg)",
        "%(medicine)s %(dose)s mg %(times)s times a day (%(by)s mg/kg a day, %(weight)s kg)",
        dose.times_a_day,
    ) % {
        "medicine": dose.medicine.name,
        "dose": f"{order.dose:g}",
        "times": dose.times_a_day,
        "by": f"{dose.mg_per_kg_day:g}",
        "weight": f"{weight:g}",
    }


def _against(patient: Patient, line: OrderLine) -> Iterator[str]:
    age = patient.age
    if age is not None and not line.from_age <= age < line.under_age:
        if line.under_age < 130:
            yield _("Meant from %(low)s to under %(high)s years.") % {
                "low": f"{line.from_age:g}",
                "high": f"{line.under_age:g}",
            }
        else:
            yield _("Meant from %(low)s years.") % {"low": f"{line.from_age:g}"}
    if line.sex and patient.sex and line.sex != patient.sex:
        yield _("Meant for women.") if line.sex == "female" else _("Meant for men.")
    if line.pregnancy == "no" and patient.is_pregnant:
        yield _("Not in pregnancy.")
    if line.pregnancy == "only" and not patient.is_pregnant:
        yield _("Meant in pregnancy.")
    if line.least_clearance and patient.clearance is not None and patient.clearance < line.least_clearance:
        yield _("Not under %(bound)s mL/min; clearance is %(clearance)s.") % {
            "bound": f"{line.least_clearance:g}",
            "clearance": f"{patient.clearance:.0f}",
        }


def _first(patient: Patient, line: OrderLine) -> Iterator[str]:
    if patient.age is None and (line.from_age > 0 or line.under_age < 130):
        yield _("The age is not known.")
    asked = patient.sex != "male" and may_bear(patient.age)
    if line.pregnancy == "no" and patient.is_pregnant is None and asked:
        yield _("Ask whether she is pregnant.")
    if line.pregnancy == "ask" and patient.is_pregnant is not False and asked:
        yield _("Ask about pregnancy first.")
    if line.least_clearance and patient.clearance is None:
        yield _("Kidney function is not known; not under %(bound)s mL/min.") % {"bound": f"{line.least_clearance:g}"}
