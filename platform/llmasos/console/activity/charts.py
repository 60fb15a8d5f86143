"""The charts of what goes on in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmasos.console.activity.queries import Day, Reader
from llmasos.console.charts import WIDTH, Block, columns

BARS_SHOWN = 12
_BAR_HEIGHT = 20


@dataclass(frozen=True, slots=True)
class BarLine:
    """One person's bar, with the limit as a mark where there is one."""

    reader: Reader
    block: Block
    limit_x: str


def day_blocks(days: Sequence[Day]) -> list[Block]:
    """Return a column for each day, its outcomes upon each other: success below, then denied, then failure."""
    return columns(("success", "denied", "failure"), [(day.success, day.denied, day.failure) for day in days])


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
