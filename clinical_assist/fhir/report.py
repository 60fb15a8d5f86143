"""What became of each entry of an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Outcome = Literal["created", "updated", "unchanged", "skipped", "rejected"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "skipped", "rejected")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: its number in the file (0 is the file itself), what became of it, and why."""

    file: str
    entry: int
    type: str
    id: str
    outcome: Outcome
    reason: str = ""


@dataclass(slots=True)
class Report:
    """What became of all entries of one import."""

    files: int = 0
    rows: list[Row] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        """Return how many entries came to which end, and those left aside by type."""
        outcomes = Counter(row.outcome for row in self.rows)
        skipped = Counter(row.type for row in self.rows if row.outcome == "skipped")
        return {
            "files": self.files,
            **{outcome: outcomes[outcome] for outcome in OUTCOMES},
            "skipped_by_type": dict(sorted(skipped.items())),
        }

    def told(self) -> list[dict[str, Any]]:
        """Return the entries that were not taken with a reason, for a person to look at."""
        return [asdict(row) for row in self.rows if row.reason]


def rows_of(kept: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the rows that :meth:`Report.told` gave."""
    return [Row(**one) for one in kept]
