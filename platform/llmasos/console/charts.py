"""Charts as plain SVG: every shape by its attributes, since the page's policy allows no style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 120
LEAST_HEIGHT = 1.5
PHASES = ("queue", "prefill", "decode")
_PHASES_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of the chart, with the class that colours it."""

    kind: str
    x: str
    y: str
    width: str
    height: str


def columns(kinds: Sequence[str], rows: Sequence[Sequence[float]]) -> list[Block]:
    """Return a column for each row, its values upon each other in the order of ``kinds``, the first at the bottom."""
    most = max([*(sum(row) for row in rows), 1])
    step = WIDTH / max(len(rows), 1)
    found = []
    for place, row in enumerate(rows):
        top = float(HEIGHT)
        for kind, number in zip(kinds, row, strict=True):
            height = HEIGHT * number / most
            top -= height
            if number:
                found.append(
                    Block(
                        kind,
                        f"{place * step + 1:.2f}",
                        f"{top:.2f}",
                        f"{step - 2:.2f}",
                        f"{max(height, LEAST_HEIGHT):.2f}",
                    )
                )
    return found


def phase_bars(rows: Sequence[tuple[float, float, float]]) -> list[list[Block]]:
    """Return for each run its times in the queue, for reading and for writing, one after the other, to one scale."""
    most = max([*(sum(row) for row in rows), 1])
    found = []
    for row in rows:
        left, blocks = 0.0, []
        for kind, milliseconds in zip(PHASES, row, strict=True):
            width = _PHASES_WIDTH * milliseconds / most
            if milliseconds:
                blocks.append(Block(kind, f"{left:.2f}", "0", f"{width:.2f}", "10"))
            left += width
        found.append(blocks)
    return found
