"""What applying roster files did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tutor.interchange.problems import Problem


@dataclass(slots=True)
class Outcome:
    """What was done, counted by what it was done to, and what could not be."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, file: str, line: int, column: str, advice: str) -> None:
        self.problems.append(Problem(line, column, advice, file=f"{file}.csv"))
