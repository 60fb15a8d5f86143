"""Charts as plain SVG: every shape by its attributes, since the page's policy allows no style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmasos.console.activity.queries import Day, Reader

WIDTH, HEIGHT = 600, 120
BARS_SHOWN = 12
_BAR_HEIGHT = 20


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of the chart, with the class that colours it."""

    kind: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class BarLine:
    """One person's bar, with the limit as a mark where there is one."""

    reader: Reader
    block: Block
    limit_x: str


def day_blocks(days: Sequence[Day]) -> list[Block]:
    """Return a column for each day, its outcomes upon each other: success below, then denied, then failure."""
    most = max([*(day.total for day in days), 1])
    step = WIDTH / max(len(days), 1)
    found = []
    for place, day in enumerate(days):
        top = float(HEIGHT)
        for kind, number in (("success", day.success), ("denied", day.denied), ("failure", day.failure)):
            height = HEIGHT * number / most
            top -= height
            if number:
                found.append(
                    Block(kind, f"{place * step + 1:.2f}", f"{top:.2f}", f"{step - 2:.2f}", f"{max(height, 1.5):.2f}")
                )
    return found


def reader_bars(readers: Sequence[Reader]) -> list[BarLine]:
    """Return a bar for each of the first readers, all to one scale that holds their limits too."""
    shown = readers[:BARS_SHOWN]
    most = max([*(reader.subjects for reader in shown), *(reader.comparison.limit or 0 for reader in shown), 1])
    return [
        BarLine(
            reader,
            Block(
                "out" if reader.comparison.stands_out else "in",
                "0",
                "0",
                f"{WIDTH * reader.subjects / most:.2f}",
                str(_BAR_HEIGHT),
            ),
            f"{WIDTH * reader.comparison.limit / most:.2f}" if reader.comparison.limit is not None else "",
        )
        for reader in shown
    ]
