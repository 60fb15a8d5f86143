"""Curves of expected agreement as lines in a box of 100 by 60 units, y down; the page draws them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tutor.marking.types import DialStep, SeedStep

WIDTH = 100.0
HEIGHT = 60.0
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
MOST_TICKS = 5


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the box, at ``place`` per cent from its top."""

    y: float
    place: int
    share: float


@dataclass(frozen=True, slots=True)
class Curve:
    """``line`` and ``band`` are points for SVG; ``dot`` is where the reader stands, None without."""

    line: str
    band: str
    ticks: tuple[Tick, ...]
    dot: tuple[float, float] | None


def dial_curve(steps: Sequence[DialStep], *, threshold: float) -> Curve | None:
    """Draw agreement over the share that a person reviews, with its band; None for fewer than two steps."""
    ordered = sorted(steps, key=lambda one: one.reviewed)
    here = min(ordered, key=lambda one: abs(one.threshold - threshold), default=None)
    return _curve(
        [(one.reviewed, one.agreement, one.low, one.high) for one in ordered],
        span=(0.0, 1.0),
        dot=(here.reviewed, here.agreement) if here else None,
    )


def seed_curve(steps: Sequence[SeedStep]) -> Curve | None:
    """Draw agreement over the marks given, with its band; None for fewer than two steps."""
    ordered = sorted(steps, key=lambda one: one.marks)
    if len(ordered) < 2:
        return None
    return _curve(
        [(float(one.marks), one.agreement, one.low, one.high) for one in ordered],
        span=(float(ordered[0].marks), float(ordered[-1].marks)),
        dot=(float(ordered[-1].marks), ordered[-1].agreement),
    )


def _curve(
    points: Sequence[tuple[float, float, float, float]],
    *,
    span: tuple[float, float],
    dot: tuple[float, float] | None,
) -> Curve | None:
    if len(points) < 2:
        return None
    floor = max(0.0, min(low for *_, low, _high in points))
    step = next((one for one in STEPS if (1.0 - floor) / one <= MOST_TICKS), STEPS[-1])
    floor = int(floor / step) * step
    wide = (span[1] - span[0]) or 1.0
    tall = (1.0 - floor) or 1.0

    def across(value: float) -> float:
        return WIDTH * (value - span[0]) / wide

    def down(share: float) -> float:
        return HEIGHT * (1 - (min(max(share, floor), 1.0) - floor) / tall)

    line = " ".join(f"{across(x):.2f},{down(y):.2f}" for x, y, *_ in points)
    upper = [f"{across(x):.2f},{down(high):.2f}" for x, _, _, high in points]
    lower = [f"{across(x):.2f},{down(low):.2f}" for x, _, low, _ in reversed(points)]
    count = round(tall / step)
    ticks = tuple(
        Tick(down(share), round(100 * down(share) / HEIGHT), share)
        for share in (floor + number * step for number in range(count + 1))
    )
    return Curve(line, " ".join(upper + lower), ticks, (across(dot[0]), down(dot[1])) if dot else None)
