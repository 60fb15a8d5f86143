"""Vital signs with their course, and results as a table over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinical_assist.record.items import Measurement
from clinical_assist.record.measures import System, value_in
from clinical_assist.record.showing import Row, measured
from clinical_assist.record.types import Entry, newest_of_each

MOST_DAYS: Final = 6
MOST_POINTS: Final = 20


@dataclass(frozen=True, slots=True)
class Course:
    """The newest value of a vital sign, with those before it as a line; ``words`` say what the line shows."""

    row: Row
    points: list[float]
    low: float
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """One result over time: a cell for each of the table's days, None where it was not measured."""

    newest: Row
    cells: list[Row | None]


@dataclass(frozen=True, slots=True)
class Results:
    """Results by day, the newest first. ``older`` days are not among the columns."""

    days: list[date]
    lines: list[Line]
    older: int


def courses(entries: Sequence[Entry[Measurement]], system: System) -> list[Course]:
    """Return each vital sign with its course; ``entries`` are newest first."""
    return [_course(row, entries, system) for row in measured(newest_of_each(entries), system)]


def _course(row: Row, entries: Sequence[Entry[Measurement]], system: System) -> Course:
    item = row.entry.item
    same = [one for one in entries if _key(one) == _key(row.entry)][:MOST_POINTS]
    points = [value for one in reversed(same) if (value := value_in(one.item, item.unit)) is not None]
    if len(points) < 2:
        return Course(row, [], 0.0, "")
    first = measured([same[-1]], system)[0]
    words = _("%(count)s values of %(name)s: from %(first)s (%(begin)s) to %(last)s %(unit)s (%(end)s)") % {
        "count": len(points),
        "name": row.label,
        "first": first.shown.value,
        "begin": date_format(same[-1].when, "DATE_FORMAT"),
        "last": row.shown.value,
        "unit": row.shown.unit,
        "end": date_format(row.entry.when, "DATE_FORMAT"),
    }
    spread = max(points) - min(points) or 1.0
    return Course(row, points, min(points) - spread / 4, words)


def results(entries: Sequence[Entry[Measurement]], system: System) -> Results:
    """Return results as a table; of several on a day the newest is shown. ``entries`` are newest first."""
    by_day: dict[date, dict[str, Entry[Measurement]]] = {}
    for one in entries:
        by_day.setdefault(timezone.localdate(one.when), {}).setdefault(_key(one), one)
    days = sorted(by_day, reverse=True)
    shown_days = days[:MOST_DAYS]
    lines = []
    for row in measured(newest_of_each(entries), system):
        found = [by_day[day].get(_key(row.entry)) for day in shown_days]
        lines.append(Line(row, [None if one is None else measured([one], system)[0] for one in found]))
    return Results(shown_days, lines, len(days) - len(shown_days))


def _key(entry: Entry[Measurement]) -> str:
    return entry.item.measure or entry.item.name
