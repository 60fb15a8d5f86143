"""What tricks would gain: applied to answers labelled wrong, and compared with the proposal before."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from llmasos.retrieval.evaluators import EvaluationError, Progress
from tutor.engine.types import Graded, Response
from tutor.evaluation.cases import Case

if TYPE_CHECKING:
    from tutor.engine.features import Vectors
    from tutor.engine.model import GlobalModel
    from tutor.engine.seeding import Embed


def measure_attacks(
    train: Sequence[Case], test: Sequence[Case], *, ways: int, embed: Embed, progress: Progress
) -> Mapping[str, Any]:
    """Return ``attacks``: by name, the mean gain as a share of the scale; no proposal is no gain. ``further``: others.

    A gain is the difference of the proposed shares of the scale, as the desk would show them; before the trick, no
    proposal counts as nothing. Raises EvaluationError for files of scores.
    """
    from tutor.engine.attacks import ATTACKS, FURTHER, PASTED_NAME, attacked
    from tutor.engine.features import Vectors
    from tutor.evaluation import figures
    from tutor.evaluation.grading import fit_labels

    if not test[0].has_labels:
        raise EvaluationError("Attacks are measured on labelled answers.")
    started = time.monotonic()
    vectors = Vectors(embed)
    model = fit_labels(train, ways, vectors, progress)
    trained = {case.question.id: case for case in train}
    gains: dict[str, list[float]] = {name: [] for name in (*ATTACKS, PASTED_NAME, *FURTHER)}
    for case in test:
        wrong = [text for text, label in zip(case.texts, case.labels, strict=True) if label != "correct"]
        if not wrong:
            continue
        known = trained.get(case.question.id)
        graded = [
            Graded(str(row), text, float(label == "correct"))
            for row, (text, label) in enumerate(zip(known.texts, known.labels, strict=True) if known else ())
        ]
        before = [score or 0.0 for score in _scores(case, wrong, graded, model, vectors)]
        for name, found in gains.items():
            tried = [
                attacked(name, case.question, text, seed=f"{case.question.id}/{row}") for row, text in enumerate(wrong)
            ]
            after = _scores(case, tried, graded, model, vectors)
            found += [0.0 if b is None else b - a for a, b in zip(before, after, strict=True)]
        progress(f"{case.question.id}: {len(wrong)} wrong answers")
    if not gains["typos"]:
        raise EvaluationError("No answer of the test file is labelled wrong.")
    names = list(gains)
    table = {name: np.array(gains[name]) for name in names}
    count = len(gains["typos"])
    measures = {name: (lambda rows, one=table[name]: float(one[rows].mean())) for name in names}
    return {
        "n": count,
        "attacks": {name: round(float(table[name].mean()), 4) for name in names if name not in FURTHER},
        "further": {name: round(float(table[name].mean()), 4) for name in FURTHER},
        "ci95": figures.intervals(measures, [""] * count),
        "seconds": round(time.monotonic() - started, 2),
    }


def _scores(
    case: Case, texts: Sequence[str], graded: Sequence[Graded], model: GlobalModel, vectors: Vectors
) -> list[float | None]:
    """Return the proposed share of the scale of each text; None where nothing is proposed."""
    from tutor.engine.proposing import propose

    responses = [Response(str(row), text) for row, text in enumerate(texts)]
    made = propose(case.question, responses, graded, embed=lambda some: vectors.of(list(some)), model=model)
    return [one.score for one in made]
