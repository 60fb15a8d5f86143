"""Files of graded answers, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llmasos.retrieval.evaluators import EvaluationError
from tutor.engine.types import Question

LABELS = ("correct", "contradictory", "incorrect")


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its answers, each with a label or a score on a scale that ends at ``scale``."""

    question: Question
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    scores: tuple[float, ...]
    scale: float

    @property
    def has_labels(self) -> bool:
        return bool(self.labels)


def read(path: Path) -> list[Case]:
    """Read and gather answers by question. Lines with a score are scored, others labelled; not both in one file.

    Raises:
        EvaluationError: naming the line that is wrong, or that labels and scores are mixed.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path.name} cannot be read: {error}.") from error
    rows: dict[str, list[dict[str, object]]] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            row = _row(line, f"{path.name}, line {number}")
            rows.setdefault(str(row["question_id"]), []).append(row)
    if not rows:
        raise EvaluationError(f"{path.name} holds no answers.")
    cases = [_case(name, found) for name, found in rows.items()]
    if len({case.has_labels for case in cases}) > 1 or any(not case.labels and not case.scores for case in cases):
        raise EvaluationError(f"{path.name} mixes labels and scores: give each in a file of its own.")
    return cases


def _row(line: str, where: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise EvaluationError(f"{where}: this is no JSON object ({error}).") from error
    if not isinstance(row, dict):
        raise EvaluationError(f"{where}: this is no JSON object.")
    for name in ("question_id", "answer"):
        if row.get(name) is None:
            raise EvaluationError(f"{where}: {name} is missing.")
    if isinstance(row.get("score"), int | float):
        return row
    if row.get("label") is None:
        raise EvaluationError(f"{where}: neither a label nor a score.")
    if row["label"] not in LABELS:
        raise EvaluationError(f"{where}: a label is one of {', '.join(LABELS)}, not {row['label']!r}.")
    return row


def _case(name: str, rows: Sequence[dict[str, object]]) -> Case:
    first = rows[0]
    references = first.get("references") or ()
    question = Question(
        name,
        str(first.get("question") or ""),
        references=tuple(str(one) for one in references) if isinstance(references, list | tuple) else (),
    )
    scored = [row["score"] for row in rows if isinstance(row.get("score"), int | float)]
    labelled = not scored
    scale = max([float(str(row.get("max_score") or 0)) for row in rows] + [0.0])
    return Case(
        question,
        tuple(str(row["answer"]) for row in rows),
        tuple(str(row["label"]) for row in rows) if labelled else (),
        tuple(float(str(one)) for one in scored) if len(scored) == len(rows) else (),
        scale,
    )
