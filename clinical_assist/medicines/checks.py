"""What speaks against an order. Every rule is one of the tables or a comparison that is written here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinical_assist.medicines.dosing import dose_alerts, kidney_alerts
from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import (
    AGE,
    Alert,
    AllergyRule,
    Interaction,
    LaboratoryRule,
    Medicine,
    Order,
    Patient,
)
from clinical_assist.record.measures import MEASURES, written

_INFANT = 2
_MONTHS = 12
_CHILDBEARING = (12, 55)
# Classes of which one medicine at a time is meant; insulins and inhalers, for example, are combined on purpose.
_ONE_OF = (
    "statin", "proton pump inhibitor", "H2 antagonist", "ACE inhibitor", "angiotensin receptor blocker", "beta blocker",
    "dihydropyridine", "thiazide diuretic", "loop diuretic", "NSAID", "SSRI", "SNRI", "tricyclic antidepressant",
    "benzodiazepine", "Z-drug", "triptan", "P2Y12 inhibitor", "sulfonylurea", "DPP-4 inhibitor", "SGLT2 inhibitor",
    "bisphosphonate", "macrolide", "fluoroquinolone", "tetracycline", "penicillin", "cephalosporin", "PDE5 inhibitor",
    "antihistamine", "sedating antihistamine", "alpha blocker", "fibrate", "xanthine oxidase inhibitor",
    "gabapentinoid", "GLP-1 agonist", "combined hormonal contraceptive", "iron", "cholinesterase inhibitor",
    "rate-limiting calcium channel blocker", "dopamine antagonist antiemetic", "leukotriene antagonist",
    "methylxanthine", "aromatase inhibitor", "5-HT3 antagonist",
)  # fmt: skip


def check(patient: Patient, orders: Sequence[Order]) -> list[Alert]:
    """Return what speaks against the orders, with each other and with what is taken already; the worst first.

    Two medicines have one alert, and so has one medicine for each reason: the strictest rule leads, of several that are
    as strict the narrowest, and what others say stands under it.
    """
    found = [
        *(alert for order in orders for alert in _alone(patient, order)),
        *_together(orders, patient.takes),
    ]
    return _joined(sorted(dict.fromkeys(found), key=lambda alert: (alert.tier, alert.kind, alert.about)))


def _joined(found: Iterable[Alert]) -> list[Alert]:
    of: dict[tuple[str, ...], list[Alert]] = {}
    for alert in found:
        of.setdefault((_reason(alert), *alert.about), []).append(alert)
    return [replace(first, also=tuple(others)) for first, *others in of.values()]


def _reason(alert: Alert) -> str:
    """Each problem and each measured value is a reason of its own."""
    if alert.kind in {"problem", "laboratory"}:
        return alert.rule
    return "together" if alert.kind in {"interaction", "duplicate"} else alert.kind


def _alone(patient: Patient, order: Order) -> Iterator[Alert]:
    yield from allergy_alerts(patient.allergies, order.medicine)
    yield from dose_alerts(patient, order)
    yield from kidney_alerts(patient, order.medicine)
    yield from _pregnancy(patient, order.medicine)
    yield from _problems(patient, order.medicine)
    yield from _laboratory(patient, order.medicine)


def allergy_alerts(allergies: Sequence[Medicine | str], medicine: Medicine) -> Iterator[Alert]:
    """Yield what known reactions say about a medicine: a reaction to itself first, then the nearest rule of each."""
    for reaction in sorted(allergies, key=lambda one: not _is_itself(one, medicine)):
        if _is_itself(reaction, medicine):
            yield Alert(
                rule="allergy:same",
                kind="allergy",
                tier=1,
                about=(medicine.name,),
                text=_("The record names a reaction to %(medicine)s itself.") % {"medicine": medicine.name},
                advice=_("Choose another medicine, or have the reaction looked into."),
                source=_source(medicine.source),
            )
            continue
        rules = [one for one in library().allergies if _reaches(one, reaction, medicine)]
        if rules:
            rule = min(rules, key=lambda one: one.tier)
            yield Alert(
                rule=rule.rule,
                kind="allergy",
                tier=rule.tier,
                about=(medicine.name,),
                text=_("The record names a reaction to %(reaction)s; %(medicine)s is of the class %(members)s.")
                % {
                    "reaction": reaction if isinstance(reaction, str) else reaction.name,
                    "medicine": medicine.name,
                    "members": rule.members,
                },
                advice=rule.advice,
                source=_source(rule.source),
            )


def _is_itself(reaction: Medicine | str, medicine: Medicine) -> bool:
    """Whether the reaction was to the medicine, or to one that it holds beside others."""
    return isinstance(reaction, Medicine) and medicine.is_a(reaction.name)


def _reaches(rule: AllergyRule, reaction: Medicine | str, medicine: Medicine) -> bool:
    if not medicine.is_a(rule.members):
        return False
    if isinstance(reaction, str):
        # A reaction to a class as a whole: which member it was is unknown, so the narrow rule applies too.
        return reaction in {rule.group, rule.only}
    return reaction.is_a(rule.group) and (not rule.only or reaction.is_a(rule.only))


def one_of(medicine: Medicine) -> list[str]:
    """Return the classes of a medicine of which one at a time is meant."""
    return [name for name in _ONE_OF if medicine.is_a(name)]


def _together(orders: Sequence[Order], taken: Sequence[Order]) -> Iterator[Alert]:
    pairs = [*combinations(orders, 2), *((order, other) for order in orders for other in taken)]
    for order, other in pairs:
        first, second = order.medicine, other.medicine
        yield from _duplicates(first, second)
        yield from _interactions(first, second)


def _duplicates(first: Medicine, second: Medicine) -> Iterator[Alert]:
    names = tuple(sorted({first.name, second.name}))
    if first.name == second.name:
        text = _("%(medicine)s stands there twice.") % {"medicine": first.name}
        yield Alert("duplicate:same", "duplicate", 2, names, text, _("Keep one of the two."), _source(first.source))
        return
    if shared := _ingredients(first) & _ingredients(second):
        text = _("%(first)s and %(second)s both hold %(name)s.") % {
            "first": names[0],
            "second": names[1],
            "name": ", ".join(sorted(shared)),
        }
        yield Alert(
            "duplicate:ingredient", "duplicate", 2, names, text, _("Keep one of the two."), _source(first.source)
        )
        return
    # Aspirin in a low dose is no painkiller: what it does with one has a rule of its own.
    if "aspirin" in names:
        return
    for name in _ONE_OF:
        if first.is_a(name) and second.is_a(name):
            text = _("Two medicines of the class %(name)s: %(first)s and %(second)s.") % {
                "name": name,
                "first": names[0],
                "second": names[1],
            }
            source = _source(first.source)
            yield Alert(f"duplicate:{name}", "duplicate", 2, names, text, _("Keep one of the two."), source)
            return


def _ingredients(medicine: Medicine) -> frozenset[str]:
    """A medicine by itself, and what one of several ingredients holds: those are among its classes."""
    return (medicine.classes & library().medicines.keys()) | {medicine.name}


def _interactions(first: Medicine, second: Medicine) -> Iterator[Alert]:
    if first.name == second.name:
        return
    names = tuple(sorted((first.name, second.name)))
    for rule in sorted((one for one in library().interactions if _meets(one, first, second)), key=_breadth):
        yield Alert(rule.rule, "interaction", rule.tier, names, rule.effect, rule.advice, _source(rule.source))


def _breadth(rule: Interaction) -> int:
    """Of how many pairs a rule is: one that names the medicines is nearer than one of their classes."""
    members = library().members
    return members[rule.first] * members[rule.second]


def _meets(rule: Interaction, first: Medicine, second: Medicine) -> bool:
    return (first.is_a(rule.first) and second.is_a(rule.second)) or (
        first.is_a(rule.second) and second.is_a(rule.first)
    )


def _pregnancy(patient: Patient, medicine: Medicine) -> Iterator[Alert]:
    about = (medicine.name,)
    values, source = {"medicine": medicine.name}, _source(medicine.source)
    if patient.is_pregnant and medicine.pregnancy == "avoid":
        text = _("%(medicine)s may harm the unborn child.") % values
        yield Alert("pregnancy:avoid", "pregnancy", 1, about, text, _("Choose another medicine."), source)
    elif patient.is_pregnant and medicine.pregnancy == "caution":
        text = _("%(medicine)s in pregnancy: only if the benefit is larger than the risk.") % values
        yield Alert("pregnancy:caution", "pregnancy", 3, about, text, "", source)
    elif patient.is_pregnant is None and _may_bear(patient) and medicine.pregnancy == "avoid":
        text = _("%(medicine)s may harm an unborn child, and whether she is pregnant is unknown.") % values
        yield Alert("pregnancy:unknown", "pregnancy", 3, about, text, _("Ask before it is begun."), source)
    if patient.breastfeeds and medicine.lactation == "avoid":
        text = _("%(medicine)s passes into milk and may harm the child.") % values
        yield Alert("lactation:avoid", "lactation", 2, about, text, _("Choose another medicine."), source)
    elif patient.breastfeeds and medicine.lactation == "caution":
        text = _("%(medicine)s passes into milk: watch the child.") % values
        yield Alert("lactation:caution", "lactation", 3, about, text, "", source)


def _may_bear(patient: Patient) -> bool:
    low, high = _CHILDBEARING
    return patient.sex == "female" and patient.age is not None and low <= patient.age <= high


def _problems(patient: Patient, medicine: Medicine) -> Iterator[Alert]:
    for problem, tier in medicine.problems:
        if problem in patient.problems:
            values = {"medicine": medicine.name, "problem": problem}
            text = (
                _("%(medicine)s is contraindicated: %(problem)s.") if tier == 1
                else _("%(medicine)s with care: %(problem)s.")
            ) % values  # fmt: skip
            yield Alert(f"problem:{problem}", "problem", tier, (medicine.name,), text, "", _source(medicine.source))


def _laboratory(patient: Patient, medicine: Medicine) -> Iterator[Alert]:
    met = [
        (rule, value)
        for rule in library().laboratory
        if medicine.is_a(rule.of)
        and (value := patient.value(rule.measure)) is not None
        and (value > rule.bound if rule.is_upper else value < rule.bound)
    ]
    for measure in dict.fromkeys(rule.measure for rule, _value in met):
        rule, value = min((one for one in met if one[0].measure == measure), key=lambda one: one[0].tier)
        text = _("%(measure)s is %(value)s: %(effect)s") % {**_measured(rule, value), "effect": rule.effect}
        yield Alert(rule.rule, "laboratory", rule.tier, (medicine.name,), text, rule.advice, _source(rule.source))


def _measured(rule: LaboratoryRule, value: float) -> dict[str, str]:
    """Say what a rule is about, with its unit. An age is in whole years or months: it is not another one each day."""
    if rule.measure == AGE:
        years, months = int(value), int(value * _MONTHS)
        said = (
            ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
            if years < _INFANT
            else ngettext("%(n)d year", "%(n)d years", years) % {"n": years}
        )
        return {"measure": _("age"), "value": said}
    label = str(MEASURES[rule.measure].label)
    measure = label[:1].lower() + label[1:] if label[1:2].islower() else label
    return {"measure": measure, "value": f"{value:.4g} {written(rule.unit)}".strip()}


def _source(code: str) -> str:
    return library().sources[code]
