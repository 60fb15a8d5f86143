"""Medicines and rules as the tables are read by people: each medicine with what the rules say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from clinical_assist.medicines.checks import one_of
from clinical_assist.medicines.columns import RULES, code_of
from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import UNITS, AllergyRule, Interaction, LaboratoryRule, Library, Medicine, Tier

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TABLES: Final[dict[str, StrOrPromise]] = {
    "medicines": _("Medicines"),
    "interactions": _("Interactions"),
    "allergies": _("Reactions"),
    "laboratory": _("Laboratory values and age"),
    "sources": _("Sources"),
}
ACTIONS: Final[dict[str, StrOrPromise]] = {
    "avoid": _("avoid"),
    "reduce": _("a lower dose"),
    "caution": _("with care"),
}
ADVICE: Final[dict[str, StrOrPromise]] = {
    "ok": _("nothing against it in the tables"),
    "caution": _("with care: only if the benefit is larger than the risk"),
    "avoid": _("avoid"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it is read: what it is about, how severe, what follows and what to do, and what it stands on.

    ``through`` is the class by which it is about the medicine that is shown, where it does not name that itself.
    """

    table: str
    code: str
    about: str
    tier: Tier
    effect: str
    advice: str
    source: str
    through: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A medicine as it stands in a list: its unit in words, and its limits by clearance in mL/min."""

    medicine: Medicine
    unit: StrOrPromise
    clearance: tuple[tuple[float, StrOrPromise], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A medicine with the rules that name it or one of its classes, the most severe first."""

    medicine: Medicine
    interactions: tuple[Rule, ...]
    reactions: tuple[Rule, ...]
    laboratory: tuple[Rule, ...]
    one_of: tuple[str, ...]
    unit: StrOrPromise
    clearance: tuple[tuple[float, StrOrPromise], ...]
    pregnancy: StrOrPromise
    lactation: StrOrPromise
    problems: tuple[tuple[Tier, str], ...]
    source: str
    checked: date

    @property
    def classes(self) -> list[str]:
        return sorted(self.medicine.classes)


def found_medicines(wanted: str) -> list[Medicine]:
    """Return the medicines whose name, other name, brand or class holds the words; all where there are none."""
    words = wanted.casefold()
    medicines = library().medicines.values()
    found = [one for one in medicines if any(words in name.casefold() for name in _names(one))]
    return sorted(found, key=lambda one: one.name.casefold())


def shown(name: str) -> Row:
    """Return a medicine with all that the tables say of it. Raises KeyError."""
    tables = library()
    one = tables.medicines[name]
    return Row(
        medicine=one,
        interactions=_worst_first(
            _met(rule, tables, one) for rule in tables.interactions if one.is_a(rule.first) or one.is_a(rule.second)
        ),
        reactions=_worst_first(_reaction(rule, tables) for rule in tables.allergies if one.is_a(rule.members)),
        laboratory=_worst_first(_value(rule, tables) for rule in tables.laboratory if one.is_a(rule.of)),
        one_of=tuple(one_of(one)),
        unit=UNITS[one.unit],
        clearance=_limits(one),
        pregnancy=ADVICE[one.pregnancy],
        lactation=ADVICE[one.lactation],
        problems=tuple(sorted((tier, problem) for problem, tier in one.problems)),
        source=tables.sources[one.source],
        checked=one.checked,
    )


def found_rules(table: str, wanted: str) -> list[Rule]:
    """Return the rules of a table that hold the words. Raises KeyError for a table that holds no rules."""
    tables, words = library(), wanted.casefold()
    rules = {
        "interactions": lambda: [_interaction(one, tables) for one in tables.interactions],
        "allergies": lambda: [_reaction(one, tables) for one in tables.allergies],
        "laboratory": lambda: [_value(one, tables) for one in tables.laboratory],
    }[table]()
    found = [one for one in rules if words in f"{one.about} {one.effect} {one.advice}".casefold()]
    return sorted(found, key=lambda one: one.about.casefold())


def rule_tables() -> list[tuple[str, StrOrPromise]]:
    """Return the tables of rules with their names."""
    return [(table, TABLES[table]) for table in RULES]


def _names(medicine: Medicine) -> tuple[str, ...]:
    return (medicine.name, *medicine.also, *medicine.brands, *medicine.classes)


def listed(medicines: Iterable[Medicine]) -> list[Listed]:
    """Return medicines as a list shows them."""
    return [Listed(one, UNITS[one.unit], _limits(one)) for one in medicines]


def _limits(medicine: Medicine) -> tuple[tuple[float, StrOrPromise], ...]:
    return tuple((bound, ACTIONS[action]) for bound, action in medicine.clearance)


def _met(rule: Interaction, tables: Library, medicine: Medicine) -> Rule:
    """An interaction as it stands with one of its two sides."""
    own, other = (rule.first, rule.second) if medicine.is_a(rule.first) else (rule.second, rule.first)
    return replace(_interaction(rule, tables), about=other, through="" if own == medicine.name else own)


def _interaction(rule: Interaction, tables: Library) -> Rule:
    code = code_of("interactions", {"first": rule.first, "second": rule.second})
    return Rule("interactions", code, code, rule.tier, rule.effect, rule.advice, tables.sources[rule.source])


def _reaction(rule: AllergyRule, tables: Library) -> Rule:
    code = code_of("allergies", {"group": rule.group, "members": rule.members})
    about = f"{rule.group} → {rule.members}" + (f" ({rule.only})" if rule.only else "")
    return Rule("allergies", code, about, rule.tier, "", rule.advice, tables.sources[rule.source])


def _value(rule: LaboratoryRule, tables: Library) -> Rule:
    keys = {
        "measure": rule.measure,
        "side": "over" if rule.is_upper else "under",
        "bound": f"{rule.bound:g}",
        "class": rule.of,
    }
    about = f"{rule.measure} {'>' if rule.is_upper else '<'} {rule.bound:g} {rule.unit}: {rule.of}"
    code = code_of("laboratory", keys)
    return Rule("laboratory", code, about, rule.tier, rule.effect, rule.advice, tables.sources[rule.source])


def _worst_first(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(rules, key=lambda one: (one.tier, one.about.casefold())))
