"""Curves of agreement as SVG shapes; every place is an attribute, since the page's policy allows no style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tutor.dial.queries import CurvePoint

WIDTH, HEIGHT = 600, 200
_STEPS = (0.02, 0.05, 0.1, 0.2, 0.25)
_MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class Curve:
    """``line`` and ``band`` are points; ``scale`` the shares of the lines across from the top down, at ``heights``."""

    line: str
    band: str
    scale: tuple[float, ...]
    heights: tuple[str, ...]


def curve(points: Sequence[CurvePoint]) -> Curve | None:
    """Draw agreement with its interval over what it depends on; None for fewer than two points."""
    if len(points) < 2:
        return None
    lowest = min(one.agreement.low for one in points)
    step = next((one for one in _STEPS if (1 - lowest) / one <= _MOST_LINES), _STEPS[-1])
    lines = max(1, -int(-(1 - lowest) // step))
    floor = max(0.0, 1 - lines * step)
    first, last = points[0].at, points[-1].at

    def place(one: CurvePoint, share: float) -> str:
        across = WIDTH * (one.at - first) / (last - first)
        return f"{across:.1f},{HEIGHT * (1 - (max(share, floor) - floor) / (1 - floor)):.1f}"

    upper = [place(one, one.agreement.high) for one in points]
    lower = [place(one, one.agreement.low) for one in reversed(points)]
    return Curve(
        line=" ".join(place(one, one.agreement.value) for one in points),
        band=" ".join(upper + lower),
        scale=tuple(1 - (1 - floor) * number / lines for number in range(lines + 1)),
        heights=tuple(f"{HEIGHT * number / lines:.1f}" for number in range(lines + 1)),
    )
