"""What is known before each response: counts, rates that forget, and a running estimate of ability.

The parts come from performance factor analysis (Pavlik, Cen and Koedinger 2009), recency-weighted rates (Galyardt and
Goldin 2015) and the Elo rating of ability (Pelánek 2016). Logs that list an exercise of two skills as two responses
(ASSISTments 2009 does) give the second of them away to every model that knows the first: figures on such logs are high
for that reason, as docs/grading.md shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tutor.tracing.histories import History

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHRINKAGE = 20.0
"""Responses with the average rate that are added to each skill's own."""
_FORGET_FAST, _FORGET_SLOWLY = 0.7, 0.9
_LONGEST_STREAK = 6

NAMES = (
    "difficulty", "successes", "failures", "fast_successes", "fast_failures", "slow_successes", "slow_failures",
    "fast_rate", "slow_rate", "all_successes", "all_failures", "ability", "skill_ability", "expected",
    "last_on_skill", "gap", "seen", "just_seen", "streak", "skills_seen", "position",
    "last", "recent_rate", "lately_rate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difficulties:
    """How easy each skill is, as log-odds of a right response; ``average`` is for skills never seen."""

    average: float
    skills: Mapping[str, float]

    def of(self, skill: str) -> float:
        return self.skills.get(skill, self.average)


def fit_difficulties(histories: Sequence[History]) -> Difficulties:
    """Estimate log-odds of skills, drawn to the average where a skill has few responses."""
    right: dict[str, int] = {}
    total: dict[str, int] = {}
    for history in histories:
        for skill, correct in zip(history.skills, history.correct, strict=True):
            total[skill] = total.get(skill, 0) + 1
            right[skill] = right.get(skill, 0) + correct
    rate = (sum(right.values()) + 1) / (sum(total.values()) + 2)
    skills = {
        skill: math.log((right[skill] + SHRINKAGE * rate) / (total[skill] - right[skill] + SHRINKAGE * (1 - rate)))
        for skill in total
    }
    return Difficulties(math.log(rate / (1 - rate)), skills)


@dataclass(slots=True)
class _Skill:
    """A learner's past with one skill."""

    successes: int = 0
    failures: int = 0
    fast: list[float] = field(default_factory=lambda: [0.0, 0.0])
    slow: list[float] = field(default_factory=lambda: [0.0, 0.0])
    ability: float = 0.0
    last: int = -1
    at: int = -1
    streak: int = 0


class Tracker:
    """Follows one learner: ``row`` before a response, ``add`` after it."""

    def __init__(self, difficulties: Difficulties) -> None:
        self._difficulties = difficulties
        self._skills: dict[str, _Skill] = {}
        self._ability = 0.0
        self._right = self._wrong = self._position = 0
        self._last = 0.5
        self._fast = [0.0, 0.0]
        self._slow = [0.0, 0.0]

    def row(self, skill: str) -> tuple[float, ...]:
        """Return the features for a response to ``skill`` now, in the order of ``NAMES``."""
        past = self._skills.get(skill) or _Skill()
        difficulty = self._difficulties.of(skill)
        gap = self._position - past.at if past.at >= 0 else 0
        return (
            difficulty,
            math.log1p(past.successes),
            math.log1p(past.failures),
            past.fast[0],
            past.fast[1],
            past.slow[0],
            past.slow[1],
            (past.fast[0] + 0.5) / (past.fast[0] + past.fast[1] + 1),
            (past.slow[0] + 1) / (past.slow[0] + past.slow[1] + 2),
            math.log1p(self._right),
            math.log1p(self._wrong),
            self._ability,
            past.ability,
            self._ability + past.ability + difficulty,
            0.5 if past.last < 0 else float(past.last),
            math.log1p(gap),
            float(past.at >= 0),
            float(gap == 1),
            float(past.streak),
            math.log1p(len(self._skills)),
            math.log1p(self._position),
            self._last,
            (self._fast[0] + 0.5) / (self._fast[0] + self._fast[1] + 1),
            (self._slow[0] + 1) / (self._slow[0] + self._slow[1] + 2),
        )

    def add(self, skill: str, correct: int) -> None:
        """Take a response in."""
        past = self._skills.setdefault(skill, _Skill())
        expected = 1 / (1 + math.exp(-(self._difficulties.of(skill) + self._ability + past.ability)))
        error = correct - expected
        seen = past.successes + past.failures
        self._ability += error * (0.03 + 0.35 / (1 + 0.03 * self._position))
        past.ability += error * (0.1 + 0.5 / (1 + 0.1 * seen))
        past.successes += correct
        past.failures += 1 - correct
        for rates, kept in (
            (past.fast, _FORGET_FAST),
            (past.slow, _FORGET_SLOWLY),
            (self._fast, _FORGET_FAST),
            (self._slow, _FORGET_SLOWLY),
        ):
            rates[0] = rates[0] * kept + correct
            rates[1] = rates[1] * kept + 1 - correct
        grown = max(past.streak, 0) + 1 if correct else min(past.streak, 0) - 1
        past.streak = max(-_LONGEST_STREAK, min(_LONGEST_STREAK, grown))
        past.last, past.at = correct, self._position
        self._last = float(correct)
        self._right += correct
        self._wrong += 1 - correct
        self._position += 1


def rows_of(history: History, difficulties: Difficulties) -> list[tuple[float, ...]]:
    """Return the features of each response of a history, each from what came before it alone."""
    tracker = Tracker(difficulties)
    rows = []
    for skill, correct in zip(history.skills, history.correct, strict=True):
        rows.append(tracker.row(skill))
        tracker.add(skill, correct)
    return rows


def matrix(histories: Sequence[History], difficulties: Difficulties) -> NDArray[np.float64]:
    """Return all rows of all histories, one after the other: (responses, features)."""
    return np.array([row for history in histories for row in rows_of(history, difficulties)], dtype=np.float64)
