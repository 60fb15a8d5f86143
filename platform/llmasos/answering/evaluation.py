"""The figures of ``evaluate answering``. Nothing is fitted here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmasos.answering import audit_rules
from llmasos.answering.cases import ANSWERABLE, UNANSWERABLE, Outcome
from llmasos.answering.evidence import Decision
from llmasos.answering.words import words

RESAMPLES = 1000
SEED = 20
RECALL_AT = 5

Values = NDArray[np.float64]


def figures(outcomes: Sequence[Outcome], *, seconds: float) -> dict[str, Any]:
    """Return the report. A figure without a case to take it from is null."""
    labels = np.array([outcome.case.answerability for outcome in outcomes])
    scores = np.array([outcome.score for outcome in outcomes])
    answered = np.array([outcome.decision == Decision.ANSWER for outcome in outcomes], dtype=float)
    judged = (labels == ANSWERABLE) | (labels == UNANSWERABLE)
    recalls = np.array([_recall(outcome) for outcome in outcomes if outcome.case.relevant])
    overlaps = np.array(
        [
            token_f1(outcome.text, outcome.case.reference)
            for outcome in outcomes
            if outcome.case.reference and outcome.case.answerability == ANSWERABLE
        ]
    )
    report: dict[str, Any] = {"n": len(outcomes)}
    intervals: dict[str, Any] = {}
    report["auroc_answerable"], intervals["auroc_answerable"] = _auroc_with_interval(
        scores[judged], labels[judged] == ANSWERABLE
    )
    for name, values in (
        ("recall_at_5", recalls),
        ("answered_of_answerable", answered[labels == ANSWERABLE]),
        ("answered_of_unanswerable", answered[labels == UNANSWERABLE]),
        ("reference_f1", overlaps),
    ):
        report[name], intervals[name] = _mean_with_interval(values)
    report["decisions"] = {
        label or "unlabelled": dict(Counter(o.decision for o in outcomes if o.case.answerability == label))
        for label in sorted(set(labels.tolist()))
    }
    faults = [fault for outcome in outcomes for fault in unsupported(outcome)]
    report["unsupported_shown"] = len(faults)
    report["shown"] = sum(len(outcome.sentences) for outcome in outcomes)
    report["written"] = sum(1 for outcome in outcomes for s in outcome.sentences if not s["quoted"])
    report["dropped"] = sum(outcome.dropped for outcome in outcomes)
    report["generation_failed"] = sum(1 for outcome in outcomes if outcome.cut_short)
    report["ci95"] = intervals
    report["seconds"] = round(seconds, 1)
    return report


def unsupported(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the shown sentences that the counting rules object to, with what they object to."""
    texts = {passage["n"]: passage["text"] for passage in outcome.passages}
    found = []
    for sentence in outcome.sentences:
        cited = [texts[n] for n in sentence["citations"] if n in texts]
        faults = audit_rules.unsupported(sentence["text"], cited)
        if faults:
            found.append({"text": sentence["text"], "faults": faults})
    return found


def write_shown(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write one line a case for outside judges: question, decision, sentences and the passages they cite."""
    with path.open("w", encoding="utf-8") as file:
        for outcome in outcomes:
            line = {
                "id": outcome.case.id,
                "question": outcome.case.messages[-1].content,
                "answerability": outcome.case.answerability,
                "decision": outcome.decision,
                "score": outcome.score,
                "text": outcome.text,
                "sentences": outcome.sentences,
                "passages": outcome.passages,
                "ranked": outcome.ranked,
                "unsupported": unsupported(outcome),
                "dropped": outcome.dropped,
                "cut_short": outcome.cut_short,
                "reference": outcome.case.reference,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def auroc(scores: Values, positive: NDArray[np.bool_]) -> float:
    """Return the chance that a positive scores above a negative; ties count half."""
    above = scores[positive][:, None] - scores[~positive][None, :]
    return float((above > 0).mean() + (above == 0).mean() / 2)


def token_f1(text: str, reference: str) -> float:
    """Return the harmonic mean of the two texts' shared words, as answers to questions are usually compared."""
    said = Counter(word.form for word in words(text))
    expected = Counter(word.form for word in words(reference))
    shared = sum((said & expected).values())
    return 2 * shared / (sum(said.values()) + sum(expected.values())) if shared else 0.0


def _recall(outcome: Outcome) -> float:
    wanted = set(outcome.case.relevant)
    return len(wanted.intersection(outcome.ranked[:RECALL_AT])) / len(wanted)


def _auroc_with_interval(scores: Values, positive: NDArray[np.bool_]) -> tuple[float | None, list[float] | None]:
    if positive.all() or not positive.any():
        return None, None

    def resampled(draw: np.random.Generator) -> float:
        high = draw.choice(scores[positive], positive.sum())
        low = draw.choice(scores[~positive], (~positive).sum())
        return auroc(np.concatenate([high, low]), np.repeat([True, False], [len(high), len(low)]))

    return round(auroc(scores, positive), 4), _interval(resampled)


def _mean_with_interval(values: Values) -> tuple[float | None, list[float] | None]:
    if not len(values):
        return None, None
    return round(float(values.mean()), 4), _interval(lambda draw: float(draw.choice(values, len(values)).mean()))


def _interval(resampled: Callable[[np.random.Generator], float]) -> list[float]:
    draw = np.random.default_rng(SEED)
    low, high = np.percentile([resampled(draw) for _ in range(RESAMPLES)], [2.5, 97.5])
    return [round(float(low), 4), round(float(high), 4)]
