"""``manage.py evaluate groups``: mark a few answers of each question, and count how many others come out right.

Each action is one mark for one answer that the engine asks for. Every other label serves for counting alone.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from llmasos.retrieval.evaluation import bootstrap_interval
from llmasos.retrieval.evaluators import EvaluationError, Progress
from tutor.engine.types import Response

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from tutor.grouping.similarity import Embed


@dataclass(frozen=True, slots=True)
class Case:
    """A question with all its answers and their true marks, as text."""

    id: str
    prompt: str
    references: tuple[str, ...]
    answers: tuple[Response, ...]
    marks: tuple[str, ...]


class GroupsEvaluator:
    help: StrOrPromise = _(
        "Mark a few answers of each question and carry the marks over to the others:"
        " lines {question_id,question,references[],answer_id,answer,label | score}."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", required=True, type=Path, metavar="FILE")
        parser.add_argument("--actions", type=int, default=10, metavar="N")

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        if options["actions"] < 1:
            raise EvaluationError("--actions is 1 or more.")
        from llmasos.inference.in_process import embedder

        return measure(read_cases(options["cases"]), options["actions"], embed=embedder(), progress=progress)


def measure(cases: Sequence[Case], actions: int, *, embed: Embed, progress: Progress) -> Mapping[str, Any]:
    """Return the figures; the interval of the accuracy resamples answers within their questions."""
    started = time.monotonic()
    right: list[list[bool]] = []
    for case in cases:
        right.append(_carried(case, actions, embed))
        progress(f"{case.id}: {sum(right[-1])} of {len(right[-1])}")
    every = [float(one) for answers in right for one in answers]
    return {
        "n": len(every),
        "questions": len(cases),
        "actions": actions,
        "accuracy": round(sum(every) / len(every), 4),
        "worst_question": round(min(sum(answers) / len(answers) for answers in right), 4),
        "ci95": {"accuracy": list(bootstrap_interval(every))},
        "seconds": round(time.monotonic() - started, 2),
    }


def _carried(case: Case, actions: int, embed: Embed) -> list[bool]:
    from tutor.grouping import Propagation

    truth = {answer.id: mark for answer, mark in zip(case.answers, case.marks, strict=True)}
    space = Propagation(case.answers, embed=embed, references=case.references, prompt=case.prompt)
    for _action in range(actions):
        asked = space.next()
        if asked is None:
            break
        space.mark(asked, truth[asked])
    found = space.marks()
    return [found[name] == mark for name, mark in truth.items()]


def read_cases(path: Path) -> list[Case]:
    """Read answers and gather them by question. Raises ``EvaluationError`` naming the line that is wrong."""
    rows: dict[str, list[tuple[str, str]]] = {}
    references: dict[str, tuple[str, ...]] = {}
    prompts: dict[str, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path.name} cannot be read: {error}.") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            question, answer = str(row["question_id"]), str(row["answer"])
            mark = str(row["label"]) if row.get("label") is not None else str(float(row["score"]))
            prompts.setdefault(question, str(row.get("question") or ""))
            references.setdefault(question, tuple(str(one) for one in row.get("references") or ()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EvaluationError(
                f"{path.name}, line {number}: question_id, answer and a label or score are needed ({error})."
            ) from error
        rows.setdefault(question, []).append((answer, mark))
    if not rows:
        raise EvaluationError(f"{path.name} holds no answers.")
    return [
        Case(
            question,
            prompts[question],
            references[question],
            tuple(Response(f"{question}/{at}", answer) for at, (answer, _mark) in enumerate(found)),
            tuple(mark for _answer, mark in found),
        )
        for question, found in rows.items()
    ]
