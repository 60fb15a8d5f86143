"""What tricks would gain: applied to answers labelled wrong, and compared with the proposal before."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from llmasos.retrieval.evaluators import EvaluationError, Progress
from tutor.evaluation.cases import Case

if TYPE_CHECKING:
    from tutor.engine.features import Vectors
    from tutor.engine.model import GlobalModel
    from tutor.engine.seeding import Embed


def measure_attacks(
    train: Sequence[Case], test: Sequence[Case], *, ways: int, embed: Embed, progress: Progress
) -> Mapping[str, Any]:
    """Return ``attacks``: by name, the mean gain as a share of the scale; no proposal is no gain. ``further``: others.

    With ``ways`` verdicts; a gain is the difference of the proposed verdicts (correct 1, others 0).
    Raises EvaluationError for files of scores.
    """
    from tutor.engine.attacks import ATTACKS, FURTHER, PASTED_NAME, attacked
    from tutor.engine.features import Vectors
    from tutor.evaluation import figures
    from tutor.evaluation.grading import columns, fit_labels

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
        marked = known.texts if known else ()
        outcomes = np.eye(ways)[list(columns(known, ways))] if known else np.zeros((0, ways))
        before = _shares(case, wrong, marked, outcomes, model, vectors)
        for name, found in gains.items():
            tried = [
                attacked(name, case.question, text, seed=f"{case.question.id}/{row}") for row, text in enumerate(wrong)
            ]
            after = _shares(case, tried, marked, outcomes, model, vectors)
            found += [max(0.0, b) - max(0.0, a) if b >= 0 else 0.0 for a, b in zip(before, after, strict=True)]
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


def _shares(
    case: Case, texts: Sequence[str], marked: Sequence[str], outcomes: Any, model: GlobalModel, vectors: Vectors
) -> list[float]:
    """Return the proposed share of the scale of each text; -1 where nothing is proposed."""
    from tutor.engine.judging import judge

    judged = judge(case.question, texts, marked, outcomes, model=model, vectors=vectors)
    full = model.outcomes.index("correct")
    given = model.verdicts(judged.chances)
    return [
        -1.0 if rule is not None and rule.share is None else float(verdict == full)
        for rule, verdict in zip(judged.rulings, given, strict=True)
    ]
