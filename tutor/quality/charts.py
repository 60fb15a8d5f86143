"""Charts as plain SVG: every shape by its attributes, since the page's policy allows no style.

A chart is small and grows with its column, so that its letters stay readable on a telephone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.formats import date_format, number_format

from tutor.quality.figures import Bin, Estimate
from tutor.quality.reading import Week

WIDTH, HEIGHT = 320, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 300, 8, 168
STRIP_WIDTH, STRIP_HEIGHT = 120, 16


@dataclass(frozen=True, slots=True)
class Dot:
    """A point with its interval as a line of the same x, from ``low`` to ``high``; empty where there is none."""

    x: str
    y: str
    low: str = ""
    high: str = ""


@dataclass(frozen=True, slots=True)
class Letters:
    """Words of an axis; ``anchor`` says which end of them is at ``x``."""

    x: str
    y: str
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as paths, points and letters; ``across`` and ``up`` name its axes for those who see it."""

    across: str
    up: str
    grid: str
    letters: tuple[Letters, ...]
    line: str = ""
    area: str = ""
    ideal: str = ""
    dots: tuple[Dot, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Strip:
    """An estimate with its interval on a line from ``least`` to ``most``, with a tick where nothing differs."""

    low: str
    width: str
    at: str
    zero: str


def coverage_chart(points: Sequence[tuple[float, Estimate]], *, across: str, up: str) -> Chart:
    """Return agreement over the share of answers, with its interval as an area."""
    there = " ".join(f"{_across(share):.1f},{_up(one.high or 0):.1f}" for share, one in points)
    back = " ".join(f"{_across(share):.1f},{_up(one.low or 0):.1f}" for share, one in reversed(points))
    line = " ".join(f"{_across(share):.1f},{_up(one.value or 0):.1f}" for share, one in points)
    dots = tuple(Dot(f"{_across(share):.1f}", f"{_up(one.value or 0):.1f}") for share, one in points)
    return Chart(across, up, _grid(), _shares_letters(), line=line, area=f"{there} {back}", dots=dots)


def calibration_chart(bins: Sequence[Bin], *, across: str, up: str) -> Chart:
    """Return agreement over confidence, each bin with its interval; on the ideal line both are the same."""
    ideal = f"M{_across(0):.1f} {_up(0):.1f}L{_across(1):.1f} {_up(1):.1f}"
    dots = tuple(_dot(_across(one.confidence), one.agreed) for one in bins)
    return Chart(across, up, _grid(), _shares_letters(), ideal=ideal, dots=dots)


def weeks_chart(weeks: Sequence[Week], *, across: str, up: str) -> Chart:
    """Return agreement week by week, with its intervals."""
    step = 1 / max(len(weeks), 1)
    places = [_across((at + 0.5) * step) for at in range(len(weeks))]
    dots = tuple(_dot(x, week.exact) for x, week in zip(places, weeks, strict=True))
    line = " ".join(f"{x:.1f},{_up(week.exact.value or 0):.1f}" for x, week in zip(places, weeks, strict=True))
    ends = sorted({0, len(weeks) - 1}) if weeks else []
    below = tuple(Letters(f"{places[at]:.1f}", str(_BOTTOM + 14), "middle", _day(weeks[at].start)) for at in ends)
    return Chart(across, up, _grid(), (*_up_letters(), *below), line=line, dots=dots)


def strip(estimate: Estimate, *, least: float, most: float) -> Strip | None:
    """Return a strip; None where the figure or its interval is not known."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    ends = [_on_strip(one, least, most) for one in (estimate.low, estimate.high, estimate.value)]
    zero = f"{_on_strip(0.0, least, most):.1f}" if least < 0 < most else ""
    return Strip(f"{ends[0]:.1f}", f"{max(ends[1] - ends[0], 1.0):.1f}", f"{ends[2]:.1f}", zero)


def _on_strip(value: float, least: float, most: float) -> float:
    return STRIP_WIDTH * (min(max(value, least), most) - least) / (most - least)


def _dot(x: float, one: Estimate) -> Dot:
    return Dot(f"{x:.1f}", f"{_up(one.value or 0):.1f}", f"{_up(one.low or 0):.1f}", f"{_up(one.high or 0):.1f}")


def _across(share: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * share


def _up(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _grid() -> str:
    return "".join(f"M{_LEFT} {_up(share):.1f}H{_RIGHT}" for share in (0, 0.25, 0.5, 0.75, 1))


def _up_letters() -> tuple[Letters, ...]:
    return tuple(Letters(str(_LEFT - 4), f"{_up(share) + 3:.1f}", "end", _percent(share)) for share in (0, 0.5, 1))


def _shares_letters() -> tuple[Letters, ...]:
    below = (Letters(f"{_across(share):.1f}", str(_BOTTOM + 14), "middle", _percent(share)) for share in (0, 0.5, 1))
    return (*_up_letters(), *below)


def _percent(share: float) -> str:
    return f"{number_format(round(100 * share))}\N{NO-BREAK SPACE}%"


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
