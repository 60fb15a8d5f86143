"""What to do next, chosen from what was missed and what is due: the same facts give the same advice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tutor.learning.responses import Response, ShownMark
from tutor.marking.points import level_points
from tutor.models import Advice
from tutor.tracing.mastery import RIGHT_FROM

MOST: Final = 5
MOST_OF_A_QUESTION: Final = 2
MADE_GOOD_BY: Final = 2
"""So many right answers in a row to the same skill, later, and what was missed is no longer advised on."""
_UNKNOWN: Final = 0.5


@dataclass(frozen=True, slots=True)
class State:
    """A skill as it is estimated now: the chance of a right answer (None: too few), answers, and the next look."""

    skill_id: UUID
    probability: float | None
    responses: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """A criterion of a released mark that was not reached in full; without ``criterion`` the answer as a whole."""

    mark: ShownMark
    criterion: str


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of advice by its grounds."""

    kind: str
    key: str
    skill_id: UUID | None
    missed: Missed | None = None


def advise(
    marks: Sequence[ShownMark],
    responses: Sequence[Response],
    states: Mapping[UUID, State],
    *,
    vetoed: Iterable[str],
    now: datetime,
) -> list[Item]:
    """Return at most ``MOST`` items: what was missed in the weakest skills first, then skills that are due.

    What teachers vetoed is left out and the next best takes its place.
    """
    refused = frozenset(vetoed)
    items: list[Item] = []
    of_question: dict[UUID, int] = {}
    open_ones = [one for one in _missed(_latest(marks)) if not _made_good(one, responses)]
    for one in sorted(open_ones, key=lambda missed: _urgency(missed, states)):
        item = Item(Advice.Kind.MISSED, _missed_key(one), _weakest(one.mark.skill_ids, states), one)
        question_id = one.mark.mark.answer.question_id
        if item.key in refused or of_question.get(question_id, 0) == MOST_OF_A_QUESTION:
            continue
        of_question[question_id] = of_question.get(question_id, 0) + 1
        items.append(item)
    named = {one.skill_id for one in items[:MOST]}
    due = sorted((one.due_at, str(one.skill_id), one) for one in states.values() if one.due_at <= now)
    for _due_at, _id, state in due:
        key = f"review:{state.skill_id}:{state.responses}"
        if state.skill_id not in named and key not in refused:
            items.append(Item(Advice.Kind.REVIEW, key, state.skill_id))
    return items[:MOST]


def _latest(marks: Sequence[ShownMark]) -> list[ShownMark]:
    """Leave out attempts that a later one has replaced."""
    return list({one.mark.answer.question_id: one for one in marks}.values())


def _missed(marks: Iterable[ShownMark]) -> Iterable[Missed]:
    for one in marks:
        mark = one.mark
        if mark.rubric is None or not mark.levels:
            if one.share < RIGHT_FROM:
                yield Missed(one, "")
            continue
        table = level_points(mark.rubric.criteria, maximum=mark.answer.question.points)
        for key, levels in table.items():
            if levels and levels.get(mark.levels.get(key, ""), 0) < max(levels.values()):
                yield Missed(one, key)


def _made_good(missed: Missed, responses: Sequence[Response]) -> bool:
    later = [one for one in responses if one.skill_id in missed.mark.skill_ids and one.at > missed.mark.at]
    return len(later) >= MADE_GOOD_BY and all(one.is_right for one in later[-MADE_GOOD_BY:])


def _urgency(missed: Missed, states: Mapping[UUID, State]) -> tuple[float, float, str]:
    """The weakest skill first; in it what was missed last."""
    known = [states[one].probability for one in missed.mark.skill_ids if one in states]
    weakest = min((one for one in known if one is not None), default=_UNKNOWN)
    return round(weakest, 2), -missed.mark.at.timestamp(), _missed_key(missed)


def _weakest(skill_ids: Sequence[UUID], states: Mapping[UUID, State]) -> UUID | None:
    known = [(states[one].probability, str(one), one) for one in skill_ids if one in states]
    ranked = sorted((_UNKNOWN if chance is None else chance, name, one) for chance, name, one in known)
    return ranked[0][2] if ranked else None


def _missed_key(missed: Missed) -> str:
    return f"missed:{missed.mark.mark.answer_id}:{missed.criterion}"
