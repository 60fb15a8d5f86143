"""Chances of each verdict for answers to one question: the rules' word where they have one, else the model's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tutor.engine import neighbours
from tutor.engine.features import Vectors
from tutor.engine.inputs import inputs, marks_heard
from tutor.engine.model import CORRECT, INCORRECT, GlobalModel
from tutor.engine.rules import Ruling, ruling
from tutor.engine.similarity import Floats
from tutor.engine.types import Question


@dataclass(frozen=True, slots=True)
class Judged:
    """``chances`` [answers, outcomes], ``rulings`` for each answer, and by how much the two learners differ, 0 to 1."""

    chances: Floats
    rulings: tuple[Ruling | None, ...]
    apart: Floats
    situation: str


def judge(
    question: Question,
    answers: Sequence[str],
    marked: Sequence[str],
    outcomes: Floats,
    *,
    model: GlobalModel,
    vectors: Vectors,
    ruled: Question | None = None,
) -> Judged:
    """Judge answers. ``outcomes`` [marked, model's outcomes] says how the marked ones were marked, rows adding to 1.

    The rules look at ``ruled`` where it is given: for a criterion, the whole question with its references.
    """
    rulings = tuple(ruling(ruled or question, answer) for answer in answers)
    given = inputs(question.prompt, question.references, answers, vectors)
    heard = marks_heard(answers, marked, outcomes, vectors)
    chances = model.chances(given, heard)
    first, second = model.parts(given, heard)
    full, none = model.outcomes.index(CORRECT), model.outcomes.index(INCORRECT)
    for row, rule in enumerate(rulings):
        if rule is not None and rule.share is not None:
            chances[row] = (1 - rule.confidence) / max(1, len(model.outcomes) - 1)
            chances[row, full if rule.share >= 0.5 else none] = rule.confidence
    situation = "neighbours" if len(marked) >= neighbours.LEAST else "cold"
    return Judged(chances, rulings, np.abs(first - second).max(axis=1), situation)
