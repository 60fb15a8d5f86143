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
    """An alert with the lines that it is about. ``key`` changes with the values that it stands on."""

    alert: Alert
    key: str
    lines: tuple[UUID, ...]
    override: Override | None = None

    @property
    def said(self) -> str:
        """The alert in one line, with the medicines that it is about."""
        return f"{' + '.join(self.alert.about)}: {self.alert.text}"

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
    overrides = {one.key: one for line in lines.values() for one in line.overrides}
    return [
        LineAlert(
            alert,
            key,
            tuple(line for name in dict.fromkeys(alert.about) for line in named.get(name, ())),
            overrides.get(key),
        )
        for alert, key in keyed(patient, given)
    ]


def keyed(patient: Patient, orders: Sequence[Order]) -> list[tuple[Alert, str]]:
    """Return the alerts in the reader's language with their keys, which are the same in every language."""
    with in_language("en"):
        plain = check(patient, orders)
    return [(shown, _key(said)) for shown, said in zip(check(patient, orders), plain, strict=True)]


def of_line(alerts: Iterable[LineAlert], line: UUID) -> list[LineAlert]:
    """Return the alerts that are about one line."""
    return [one for one in alerts if line in one.lines]


def _key(alert: Alert) -> str:
    """The English text holds the values: another dose or another potassium is another alert."""
    written = "\0".join((alert.rule, str(alert.tier), *alert.about, alert.text))
    return hashlib.sha256(written.encode()).hexdigest()[:20]
