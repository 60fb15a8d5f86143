"""Medicines, orders, and what a check says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Tier = Literal[1, 2, 3]
"""1 stops and needs a reason in words, 2 needs a coded reason, 3 is shown beside the order."""
Advice = Literal["ok", "caution", "avoid"]
Kind = Literal[
    "allergy", "interaction", "duplicate", "dose", "kidney", "pregnancy", "lactation", "problem", "laboratory"
]
UNITS: Final[dict[str, StrOrPromise]] = {
    "mg": "mg",
    "g": "g",
    "ug": _("micrograms"),
    "unit": _("units"),
    "mmol": "mmol",
    "ml": "mL",
    "tablet": _("tablets"),
}
"""In which medicines are dosed, as people read it: "ug" is easily taken for "mg"."""
AGE: Final = "age"
"""What a rule of values may name beside the measures of a record; in ``AGE_UNIT``."""
AGE_UNIT: Final = "years"
_SHORT: Final = 12


class MedicineError(Exception):
    """The tables are not consistent. The message is for people."""


@dataclass(frozen=True, slots=True)
class Medicine:
    """One medicine. Doses are in ``unit``: of an adult a day, and the most at once; ``child`` is mg per kg a day.

    ``clearance`` holds (bound in mL/min, what to do under it), the lowest bound first. ``source`` is the code of what
    the row was written from, ``checked`` the day on which somebody last held it against that.
    """

    name: str
    also: tuple[str, ...]
    brands: tuple[str, ...]
    classes: frozenset[str]
    unit: str
    day_low: float
    day_high: float
    dose_high: float
    child: tuple[float, float] | None
    clearance: tuple[tuple[float, str], ...]
    pregnancy: Advice
    lactation: Advice
    problems: tuple[tuple[str, Tier], ...]
    source: str
    checked: date

    def is_a(self, name: str) -> bool:
        """Whether ``name`` is this medicine or a class of it."""
        return name == self.name or name in self.classes


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two medicines or classes that do not go together."""

    first: str
    second: str
    tier: Tier
    effect: str
    advice: str
    source: str

    @property
    def rule(self) -> str:
        return f"interaction:{self.first}+{self.second}"


@dataclass(frozen=True, slots=True)
class AllergyRule:
    """Who reacted to a member of ``group`` may react to a member of ``members``.

    ``only`` narrows the group, or the members, to a class of it.
    """

    group: str
    members: str
    only: str
    tier: Tier
    advice: str
    source: str

    @property
    def rule(self) -> str:
        return f"allergy:{self.group}+{self.members}"


@dataclass(frozen=True, slots=True)
class LaboratoryRule:
    """A measured value, or the age, over or under a bound that speaks against a medicine or class."""

    measure: str
    unit: str
    is_upper: bool
    bound: float
    of: str
    tier: Tier
    effect: str
    advice: str
    source: str

    @property
    def rule(self) -> str:
        return f"laboratory:{self.measure}{'>' if self.is_upper else '<'}{self.bound:g}+{self.of}"


@dataclass(frozen=True, slots=True)
class Order:
    """A medicine as ordered or taken. ``dose`` is at once, in the medicine's unit; None where it was not said."""

    medicine: Medicine
    dose: float | None = None
    times_a_day: float | None = None

    @property
    def a_day(self) -> float | None:
        """What it comes to in a day."""
        return None if self.dose is None or self.times_a_day is None else self.dose * self.times_a_day


@dataclass(frozen=True, slots=True)
class Patient:
    """What the checks take from a record. None means unknown, which is never taken as no.

    ``allergies`` are medicines or classes; ``clearance`` is in mL/min, ``laboratory`` in the units of the rules.
    """

    age: float | None = None
    sex: str = ""
    weight: float | None = None
    clearance: float | None = None
    is_pregnant: bool | None = None
    breastfeeds: bool | None = None
    allergies: tuple[Medicine | str, ...] = ()
    problems: frozenset[str] = frozenset()
    laboratory: Mapping[str, float] = field(default_factory=dict)
    takes: tuple[Order, ...] = ()

    def value(self, measure: str) -> float | None:
        """Return what a rule's measure is now; None where it is unknown."""
        return self.age if measure == AGE else self.laboratory.get(measure)


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that a check found: about which medicines, by which rule, how severe, with what it stands on.

    ``also`` is what other rules say of the same: none of them is stricter.
    """

    rule: str
    kind: Kind
    tier: Tier
    about: tuple[str, ...]
    text: str
    advice: str
    source: str
    also: tuple[Alert, ...] = ()

    @property
    def said(self) -> str:
        """The text with the medicines that it is about before it, where it does not name them."""
        return self.named(self.text)

    def named(self, text: str) -> str:
        """Put the medicines before a text that does not name them."""
        return text if all(name in text for name in self.about) else f"{' + '.join(self.about)}: {text}"

    @property
    def of_rules(self) -> tuple[Alert, ...]:
        """What each rule says by itself, the strictest first."""
        return (replace(self, also=()), *self.also)

    @property
    def further(self) -> tuple[Said, ...]:
        """What the other rules say: words that several say once, with all their sources."""
        sources: dict[tuple[str, str], dict[str, None]] = {}
        for one in self.also:
            sources.setdefault((one.text, one.advice), {})[one.source] = None
        return tuple(Said(text, advice, " · ".join(of)) for (text, advice), of in sources.items())


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a rule, with what they stand on."""

    text: str
    advice: str
    source: str


@dataclass(frozen=True, slots=True)
class Change:
    """What changed with a version of the tables that come with the application."""

    version: str
    on: date
    text: str


@dataclass(frozen=True, eq=False)
class Library:
    """All tables, by name, the digest of their rows, and what changed with each version, the latest first.

    ``sources`` are works by their code. Two libraries are never equal, so that what is made of one is kept by it.
    """

    medicines: Mapping[str, Medicine]
    interactions: tuple[Interaction, ...]
    allergies: tuple[AllergyRule, ...]
    laboratory: tuple[LaboratoryRule, ...]
    sources: Mapping[str, str]
    version: str
    digest: str
    changes: tuple[Change, ...] = ()

    @cached_property
    def classes(self) -> frozenset[str]:
        return frozenset().union(*(one.classes for one in self.medicines.values()))

    @cached_property
    def members(self) -> Counter[str]:
        """How many medicines a name or a class is of."""
        return Counter(name for one in self.medicines.values() for name in {one.name, *one.classes})

    @property
    def label(self) -> str:
        """Version and digest in one short text, as counts and log entries keep it."""
        return f"{self.version} ({self.digest[:_SHORT]})"
