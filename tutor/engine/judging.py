"""Chances of each verdict for answers to one question: the rules' word where they have one, else the model's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tutor.engine import neighbours
from tutor.engine.features import Vectors
from tutor.engine.inputs import NONE, inputs, marks_heard
from tutor.engine.model import CORRECT, INCORRECT, GlobalModel
from tutor.engine.rules import Ruling, ruling
from tutor.engine.similarity import Floats
from tutor.engine.types import NOT_PROSE, Question


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
    own: Mapping[int, int] = NONE,
) -> Judged:
    """Judge answers. ``outcomes`` [marked, model's outcomes] says how the marked ones were marked, rows adding to 1.

    The rules look at ``ruled`` where it is given: for a criterion, the whole question with its references. An answer
    whose row is in ``own`` is that marked one, and its own mark is not heard.
    """
    rulings = _rulings(ruled or question, answers, model)
    given = inputs(question.prompt, question.references, answers, vectors)
    heard = marks_heard(answers, marked, outcomes, vectors, own)
    chances = model.chances(
        given, heard, _moved(question, answers, marked, outcomes, own, model=model, vectors=vectors)
    )
    first, second = model.parts(given, heard)
    full, none = model.outcomes.index(CORRECT), model.outcomes.index(INCORRECT)
    for row, rule in enumerate(rulings):
        if rule is not None and rule.share is not None:
            chances[row] = (1 - rule.confidence) / max(1, len(model.outcomes) - 1)
            chances[row, full if rule.share >= 0.5 else none] = rule.confidence
    situation = "neighbours" if len(marked) >= neighbours.LEAST else "cold"
    return Judged(chances, rulings, np.abs(first - second).max(axis=1), situation)


def _moved(
    question: Question,
    answers: Sequence[str],
    marked: Sequence[str],
    outcomes: Floats,
    own: Mapping[int, int],
    *,
    model: GlobalModel,
    vectors: Vectors,
) -> Floats:
    """Return by how much the marks move what the model says without them."""
    if len(marked) < neighbours.LEAST:
        return np.zeros((len(answers), len(model.outcomes)))
    known = inputs(question.prompt, question.references, marked, vectors)
    believed = model.raw(known, np.zeros((len(marked), neighbours.width(len(model.outcomes)))))
    among, to = (neighbours.alike(some, marked, vectors) for some in (marked, answers))
    return neighbours.carried(among, to, outcomes - believed, own)


def _rulings(question: Question, answers: Sequence[str], model: GlobalModel) -> tuple[Ruling | None, ...]:
    """Return what the rules say, and where they are silent, whether an answer is a trick with the references' words."""
    rulings = [ruling(question, answer) for answer in answers]
    silent = [row for row, rule in enumerate(rulings) if rule is None]
    if model.tricks is not None:
        found = model.tricks.found(question.references, [answers[row] for row in silent])
        for row in (row for row, trick in zip(silent, found, strict=True) if trick):
            rulings[row] = Ruling(NOT_PROSE, None)
    return tuple(rulings)
