"""Exercise logs: who answered what, in which order, right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class HistoriesError(Exception):
    """A file of exercise logs cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class History:
    """One learner's responses in their order: the skill that each needed, and whether it was right (1) or not (0)."""

    skills: tuple[str, ...]
    correct: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.skills)


def read_histories(path: Path) -> list[History]:
    """Read a file with three lines a learner: the number of responses, skill ids, and 0 or 1 for each, by commas.

    Raises:
        HistoriesError: the file is missing or empty, or a line does not hold what it should.
    """
    try:
        lines = [line.strip().rstrip(",") for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise HistoriesError(f"{path.name} cannot be read: {error}.") from error
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise HistoriesError(f"{path.name} is empty.")
    if len(lines) % 3:
        raise HistoriesError(f"{path.name} has {len(lines)} lines: three are expected for each learner.")
    return [_history(lines[at : at + 3], at=at, name=path.name) for at in range(0, len(lines), 3)]


def _history(lines: Sequence[str], *, at: int, name: str) -> History:
    skills = tuple(part.strip() for part in lines[1].split(",") if part.strip())
    marks = [part.strip() for part in lines[2].split(",") if part.strip()]
    if not lines[0].strip().isdecimal() or not len(skills) == len(marks) == int(lines[0]):
        raise HistoriesError(
            f"{name}, line {at + 1}: {lines[0].strip() or 'nothing'} responses are announced, there are {len(skills)}"
            f" skills and {len(marks)} marks."
        )
    if not set(marks) <= {"0", "1"}:
        raise HistoriesError(f"{name}, line {at + 3}: a response is 0 (wrong) or 1 (right).")
    return History(skills, tuple(int(mark) for mark in marks))
