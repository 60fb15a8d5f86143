"""What an order set holds: lines of work-up, treatment, advice, referral and follow-up for named conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from clinical_assist.medicines.types import Medicine, Order

Kind = Literal["medicine", "test", "advice", "referral", "follow_up"]
KINDS: tuple[Kind, ...] = ("test", "medicine", "referral", "advice", "follow_up")
Pregnancy = Literal["", "no", "only", "ask"]


class OrderSetError(Exception):
    """Order sets cannot be read or are not consistent; the message names the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class ByWeight:
    """A child's dose: mg per kg a day in ``times_a_day`` doses; ``most_a_day`` in mg where the source has a limit."""

    medicine: Medicine
    mg_per_kg_day: float
    times_a_day: int
    most_a_day: float

    def order(self, weight: float) -> Order:
        """Return the order for a weight in kg: never over the dose by weight, in two significant digits."""
        day = min(self.mg_per_kg_day * weight, self.most_a_day)
        return Order(self.medicine, _down(day / self.times_a_day), float(self.times_a_day))


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line. ``text`` is as people read it; ``why`` is one sentence, ``whom`` says in whom it is meant.

    Of the lines with one ``choice`` one is meant. Ages are in years, ``under_age`` not included; ``least_clearance`` is
    in mL/min. ``pregnancy``: "no" is not proposed in pregnancy, "only" in nobody else, "ask" is asked first.
    ``conditions`` are codes of the knowledge base. An ``urgent`` line says when to get help at once.
    """

    code: str
    kind: Kind
    text: str
    conditions: tuple[str, ...]
    source: str
    why: str = ""
    whom: str = ""
    note: str = ""
    choice: str = ""
    order: Order | None = None
    by_weight: ByWeight | None = None
    days: int | None = None
    from_age: float = 0
    under_age: float = 130
    sex: str = ""
    pregnancy: Pregnancy = ""
    least_clearance: float | None = None
    urgent: bool = False

    @property
    def medicine(self) -> Medicine | None:
        """The medicine of a line of that kind."""
        found = self.order or self.by_weight
        return found.medicine if found else None


@dataclass(frozen=True, slots=True)
class OrderSet:
    """What is usually done for some conditions, in the order in which it is read."""

    code: str
    name: str
    conditions: tuple[str, ...]
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class OrderSets:
    """One version of all order sets. ``sources`` are the works that the lines name.

    ``problem`` says, where they stand in for sets that do not go with the medicines in use, why those do not.
    """

    name: str
    version: str
    sets: Mapping[str, OrderSet]
    sources: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    problem: str = ""

    def of_condition(self, condition: str) -> tuple[OrderSet, ...]:
        """Return the sets that are meant for a condition of the knowledge base."""
        return tuple(one for one in self.sets.values() if condition in one.conditions)

    def line(self, code: str) -> OrderLine:
        """Return a line by its code. Raises KeyError."""
        return next(line for line in self.sets[code.partition(":")[0]].lines if line.code == code)


def _down(dose: float) -> float:
    """Return the dose in two significant digits, rounded down."""
    step = 1.0
    while dose / step >= 100:
        step *= 10
    while dose / step < 10:
        step /= 10
    return int(dose / step + 1e-9) * step
