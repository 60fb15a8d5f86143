"""Agreement and marks over groups that the school defines, and over language and length of answers.

One learner counts once: their answers are averaged first, so that the intervals are of learners and not of answers.
A group, or everybody else beside it, of fewer than ten learners is left out: it is not shown as zero, and cannot be
found by subtraction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tutor.quality import figures
from tutor.quality.figures import Estimate

THIRDS: Final = ("short", "middle", "long")


@dataclass(frozen=True, slots=True)
class Observed:
    """One marked answer. ``given`` and ``proposed`` are shares of the points; None where nothing was proposed."""

    learner_id: UUID
    question_id: UUID
    given: float
    proposed: float | None
    groups: frozenset[str] = frozenset()
    words: int | None = None
    language: str = ""

    @property
    def difference(self) -> float | None:
        """By how much the proposal is higher, as a share of the points."""
        return None if self.proposed is None else self.proposed - self.given


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One group beside everybody else. ``lean`` is the mean of proposal minus mark, ``gap`` the lean's difference.

    ``learners`` and ``answers`` count what was marked; ``mark_gap`` is how much higher the group's marks are.
    """

    name: str
    learners: int
    answers: int
    agreement: Estimate
    lean: Estimate
    gap: Estimate
    mark: Estimate
    mark_gap: Estimate

    @property
    def leans(self) -> bool:
        """Whether proposals lean another way for this group than for others, by the whole interval."""
        return self.gap.low is not None and self.gap.high is not None and not self.gap.low <= 0 <= self.gap.high


@dataclass(frozen=True, slots=True)
class Comparison:
    """Groups of one kind that are large enough, and how many were not."""

    groups: tuple[GroupFigures, ...]
    hidden: int


def by_school_groups(observed: Sequence[Observed]) -> Comparison:
    """Compare the school's own groups; a learner may be in several."""
    return _compare(observed, sorted({name for one in observed for name in one.groups}), lambda one: one.groups)


def by_language(observed: Sequence[Observed]) -> Comparison:
    """Compare answers by the language in which they are written, where that can be told."""
    known = [one for one in observed if one.language]
    return _compare(known, sorted({one.language for one in known}), lambda one: {one.language})


def by_length(observed: Sequence[Observed]) -> Comparison:
    """Compare the thirds of answers by their length within each question: ``THIRDS``."""
    known = [one for one in observed if one.words is not None]
    third: dict[int, str] = {}
    by_question: Mapping[UUID, list[Observed]] = defaultdict(list)
    for one in known:
        by_question[one.question_id].append(one)
    for rows in by_question.values():
        ordered = sorted(rows, key=lambda one: (one.words or 0, str(one.learner_id)))
        third |= {id(one): THIRDS[3 * place // len(ordered)] for place, one in enumerate(ordered)}
    return _compare(known, THIRDS, lambda one: {third[id(one)]})


def _compare(observed: Sequence[Observed], names: Sequence[str], of: Callable[[Observed], Iterable[str]]) -> Comparison:
    shown: list[GroupFigures] = []
    hidden = 0
    for name in names:
        inside = [one for one in observed if name in of(one)]
        outside = [one for one in observed if name not in of(one)]
        if min(_learners(inside), _learners(outside)) < figures.FEWEST:
            hidden += 1
        else:
            shown.append(_figures(name, inside, outside))
    return Comparison(tuple(shown), hidden)


def _figures(name: str, inside: Sequence[Observed], outside: Sequence[Observed]) -> GroupFigures:
    leans, others = _means(inside, lambda one: one.difference), _means(outside, lambda one: one.difference)
    marks, other_marks = _means(inside, lambda one: one.given), _means(outside, lambda one: one.given)
    return GroupFigures(
        name=name,
        learners=_learners(inside),
        answers=len(inside),
        agreement=_enough(figures.mean_of(_means(inside, _agrees), within=(0.0, 1.0))),
        lean=_enough(figures.mean_of(leans)),
        gap=_enough(figures.mean_difference(leans, others), len(leans), len(others)),
        mark=figures.mean_of(marks, within=(0.0, 1.0)),
        mark_gap=figures.mean_difference(marks, other_marks),
    )


def _enough(one: Estimate, *counts: int) -> Estimate:
    """Return the estimate, or none where fewer than ten learners with proposals stand behind it."""
    least = min(counts) if counts else one.n
    return one if least >= figures.FEWEST else Estimate(None, None, None, one.n)


def _agrees(one: Observed) -> float | None:
    return None if one.difference is None else float(abs(one.difference) < 1e-6)


def _learners(observed: Iterable[Observed]) -> int:
    return len({one.learner_id for one in observed})


def _means(observed: Sequence[Observed], of: Callable[[Observed], float | None]) -> list[float]:
    """Return one value a learner: the mean over their answers for which there is one."""
    values: Mapping[UUID, list[float]] = defaultdict(list)
    for one in observed:
        value = of(one)
        if value is not None:
            values[one.learner_id].append(value)
    return [sum(each) / len(each) for each in values.values()]
