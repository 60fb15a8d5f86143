"""What speaks against the lines of a plan: the checks of medicines over all of them, with what was overridden."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import override as in_language

from clinical_assist.medicines.checks import check
from clinical_assist.medicines.types import Alert, Order, Patient
from clinical_assist.plans.lines import Line, Override

Lines = Mapping[UUID, Line]
"""The lines of a plan that are in force, by the id of their row, in their order."""


@dataclass(frozen=True, slots=True)
class LineAlert:
    """An alert with the lines that it is about. ``keys`` are of what each of its rules says, with the values in it.

    ``override`` is there when everything of tier 1 and 2 that the alert says was overridden: a rule that came since, or
    whose values changed, asks anew.
    """

    alert: Alert
    keys: tuple[str, ...]
    lines: tuple[UUID, ...]
    override: Override | None = None

    @property
    def key(self) -> str:
        """Names the alert with all that it says."""
        return self.keys[0] if len(self.keys) == 1 else _digest(*self.keys)

    @property
    def said(self) -> str:
        """The alert in one line, with the medicines that it is about."""
        return self.alert.said

    @property
    def said_whole(self) -> str:
        """The same with what its other rules say besides."""
        texts = dict.fromkeys(one.text for one in self.alert.of_rules)
        more = [one for one in texts if not any(one.rstrip(".") in other for other in texts if other != one)]
        return self.alert.named(" ".join(more))

    @property
    def by_rule(self) -> tuple[tuple[str, Alert], ...]:
        """What each rule says, with its key; of a rule that says two things (a dose at once and a day) the first."""
        said = zip(self.keys, self.alert.of_rules, strict=True)
        return tuple({one.rule: (key, one) for key, one in reversed([*said])}.values())

    @property
    def to_answer(self) -> tuple[str, ...]:
        """The keys of what has to be answered."""
        return answerable(self.alert, self.keys)

    @property
    def needs_answer(self) -> bool:
        """Whether somebody has to give a reason, or change the order."""
        return self.alert.tier < 3 and self.override is None

    @property
    def stops(self) -> bool:
        """Whether the order does not hold until somebody gave a reason in words."""
        return self.alert.tier == 1 and self.override is None


def check_lines(patient: Patient, lines: Lines) -> list[LineAlert]:
    """Return what speaks against the lines, with each other and with what is taken; the worst first."""
    ids = [key for key, line in lines.items() if line.order is not None]
    orders = [lines[key].order for key in ids]
    given = [order for order in orders if order is not None]
    named: dict[str, list[UUID]] = {}
    for key, order in zip(ids, given, strict=True):
        named.setdefault(order.medicine.name, []).append(key)
    overrides = {key: one for line in lines.values() for one in line.overrides for key in one.answers}
    return [
        LineAlert(
            alert,
            keys,
            tuple(line for name in dict.fromkeys(alert.about) for line in named.get(name, ())),
            _override(alert, keys, overrides),
        )
        for alert, keys in keyed(patient, given)
    ]


def _override(alert: Alert, keys: Sequence[str], overrides: Mapping[str, Override]) -> Override | None:
    found = [overrides.get(key) for key in answerable(alert, keys)]
    given = [one for one in found if one is not None]
    return max(given, key=lambda one: one.at) if given and len(given) == len(found) else None


def answerable(alert: Alert, keys: Sequence[str]) -> tuple[str, ...]:
    """Return those of an alert's keys that need an answer: what is only to be known needs none."""
    return tuple(key for one, key in zip(alert.of_rules, keys, strict=True) if one.tier < 3)


def keyed(patient: Patient, orders: Sequence[Order]) -> list[tuple[Alert, tuple[str, ...]]]:
    """Return the alerts in the reader's language with the keys of their rules, which are the same in every language."""
    with in_language("en"):
        plain = check(patient, orders)
    return [
        (shown, tuple(_key(one) for one in said.of_rules))
        for shown, said in zip(check(patient, orders), plain, strict=True)
    ]


def of_line(alerts: Iterable[LineAlert], line: UUID) -> list[LineAlert]:
    """Return the alerts that are about one line."""
    return [one for one in alerts if line in one.lines]


def _key(alert: Alert) -> str:
    """The English text holds the values: another dose or another potassium is another alert."""
    return _digest(alert.rule, str(alert.tier), *alert.about, alert.text)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
