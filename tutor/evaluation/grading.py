"""``manage.py evaluate grading``: propose verdicts or scores for answers that the engine has not seen marked.

Answers of the training file to a question of the test file are its marked neighbours; a question that is new has none,
unless the engine asks for some (``--seed-grades``). Labels of the test file that were not asked for serve for counting.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from llmasos.retrieval.evaluators import EvaluationError, Progress
from tutor.engine.types import Response
from tutor.evaluation import cases, figures
from tutor.evaluation.cases import Case

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise
    from numpy.typing import NDArray

    from tutor.engine.features import Vectors
    from tutor.engine.seeding import Embed

    Floats = NDArray[np.float64]

WAYS = {2: ("correct", "incorrect"), 3: ("contradictory", "correct", "incorrect")}


class GradingEvaluator:
    help: StrOrPromise = _(
        "Propose marks for answers: lines {question_id,question,references[],answer_id,answer,label | score,max_score}."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--train", required=True, type=Path, metavar="FILE")
        parser.add_argument("--test", required=True, type=Path, metavar="FILE")
        parser.add_argument("--ways", type=int, choices=sorted(WAYS), default=3, help=str(_("How many verdicts.")))
        parser.add_argument(
            "--seed-grades",
            type=int,
            default=0,
            metavar="K",
            help=str(_("Reveal the K answers that the engine asks for, question by question.")),
        )
        parser.add_argument(
            "--attacks", action="store_true", help=str(_("What tricks would gain for answers labelled wrong."))
        )

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        from llmasos.inference.in_process import embedder
        from tutor.evaluation.attacks import measure_attacks

        if options["seed_grades"] < 0:
            raise EvaluationError("--seed-grades is 0 or more.")
        train, test = cases.read(options["train"]), cases.read(options["test"])
        if train[0].has_labels != test[0].has_labels:
            raise EvaluationError("One file has labels and the other scores: both need the same.")
        if options["attacks"]:
            return measure_attacks(train, test, ways=options["ways"], embed=embedder(), progress=progress)
        measure = measure_labels if test[0].has_labels else measure_scores
        return measure(
            train, test, ways=options["ways"], seed_grades=options["seed_grades"], embed=embedder(), progress=progress
        )


@dataclass(frozen=True, slots=True)
class Split:
    """A test question with what is revealed of it: marked texts with their outcomes, and the rows left to judge."""

    case: Case
    marked: tuple[str, ...]
    outcomes: tuple[int | float, ...]
    rows: tuple[int, ...]


def columns(case: Case, ways: int) -> tuple[int, ...]:
    """Return the column of each label; two ways count contradictory as incorrect."""
    outcomes = WAYS[ways]
    return tuple(outcomes.index(label if label in outcomes else "incorrect") for label in case.labels)


def fit_labels(train: Sequence[Case], ways: int, vectors: Vectors, progress: Progress) -> Any:
    """Fit the global model to labelled cases. Raises EvaluationError where they do not suffice."""
    from tutor.engine import training

    if not all(case.has_labels for case in train):
        raise EvaluationError("The global model is trained on labels: correct, contradictory, incorrect.")
    marked = [training.Marked(case.question, case.texts, columns(case, ways)) for case in train]
    try:
        return training.fit(marked, WAYS[ways], vectors, keeps_answers=True, progress=progress)
    except ValueError as error:
        raise EvaluationError(f"The training file cannot be used: {error}.") from error


def measure_labels(
    train: Sequence[Case], test: Sequence[Case], *, ways: int, seed_grades: int, embed: Embed, progress: Progress
) -> Mapping[str, Any]:
    """Return the figures of verdicts."""
    from sklearn.metrics import f1_score

    from tutor.engine.features import Vectors
    from tutor.engine.judging import judge

    vectors = Vectors(embed)
    model = fit_labels(train, ways, vectors, progress)
    started = time.monotonic()

    def before_marks(case: Case) -> Mapping[str, float]:
        judged = judge(case.question, case.texts, [], np.zeros((0, ways)), model=model, vectors=vectors)
        return {str(row): float(chances.max()) for row, chances in enumerate(judged.chances)}

    splits = _splits(train, test, seed_grades, vectors, lambda case: columns(case, ways), before_marks)
    chances, true, questions = [], [], []
    for split in splits:
        judged = judge(
            split.case.question,
            [split.case.texts[row] for row in split.rows],
            split.marked,
            np.eye(ways)[[int(one) for one in split.outcomes]].reshape(-1, ways),
            model=model,
            vectors=vectors,
        )
        chances.append(judged.chances)
        labels = columns(split.case, ways)
        true += [labels[row] for row in split.rows]
        questions += [split.case.question.id] * len(split.rows)
    seconds = time.monotonic() - started
    every, label = np.vstack(chances), np.array(true)
    given = model.verdicts(every)
    confidence = every[np.arange(len(given)), given]
    right = given == label
    full = WAYS[ways].index("correct")
    share, truth = every[:, full], (label == full).astype(float)
    # Contradictory answers are the furthest from right, correct ones the nearest.
    scale = np.array([{"contradictory": 0, "incorrect": 1, "correct": 2}[one] for one in WAYS[ways]])
    measures: dict[str, Any] = {
        "accuracy": lambda rows: float(right[rows].mean()),
        "macro_f1": lambda rows: float(f1_score(label[rows], given[rows], average="macro", zero_division=0)),
        "weighted_f1": lambda rows: float(f1_score(label[rows], given[rows], average="weighted", zero_division=0)),
        "qwk": lambda rows: figures.quadratic_kappa(scale[given[rows]], scale[label[rows]]),
        "pearson": lambda rows: figures.pearson(share[rows], truth[rows]),
        "rmse": lambda rows: float(np.sqrt(np.mean((share[rows] - truth[rows]) ** 2))),
        "ece": lambda rows: figures.calibration_error(right[rows], confidence[rows]),
    }
    whole = np.arange(len(label))
    return {
        "n": len(label),
        **figures.rounded({name: measure(whole) for name, measure in measures.items()}),
        "coverage": figures.coverage(right, confidence),
        "ci95": figures.intervals(measures, questions),
        "seconds": round(seconds, 2),
    }


def measure_scores(
    train: Sequence[Case], test: Sequence[Case], *, ways: int, seed_grades: int, embed: Embed, progress: Progress
) -> Mapping[str, Any]:
    """Return the figures of scores, on the scale of the test file; what needs verdicts is null."""
    from tutor.engine import scores
    from tutor.engine.features import Vectors
    from tutor.engine.inputs import inputs, marks_heard
    from tutor.engine.rules import ruling

    vectors = Vectors(embed)
    scale = max([case.scale for case in (*train, *test)]) or max(max(case.scores) for case in train)
    if scale <= 0:
        raise EvaluationError("Every score is 0: give max_score, or answers that scored.")
    progress(f"fitting on {sum(len(case.texts) for case in train)} answers to {len(train)} questions")
    model = scores.fit_scores(
        [
            scores.Scored(one.question, one.texts, tuple(score / (one.scale or scale) for score in one.scores))
            for one in train
        ],
        vectors,
    )
    started = time.monotonic()
    found, true, questions = [], [], []
    splits = _splits(
        train, test, seed_grades, vectors, lambda case: tuple(score / (case.scale or scale) for score in case.scores)
    )
    for split in splits:
        texts = [split.case.texts[row] for row in split.rows]
        question = split.case.question
        marked = scores.Scored(question, split.marked, tuple(map(float, split.outcomes)))
        heard = marks_heard(texts, marked.texts, np.array(marked.scores).reshape(-1, 1), vectors)
        seen = inputs(question.prompt, question.references, texts, vectors)
        shares = model.scores(seen, heard, model.carried(texts, marked, vectors))
        for row, text in enumerate(texts):
            rule = ruling(question, text)
            if rule is not None and rule.share is not None:
                shares[row] = rule.share
        found.append(shares * (split.case.scale or scale))
        true += [split.case.scores[row] for row in split.rows]
        questions += [split.case.question.id] * len(split.rows)
    seconds = time.monotonic() - started
    given, truth = np.concatenate(found), np.array(true)
    measures: dict[str, Any] = {
        "qwk": lambda rows: figures.quadratic_kappa(np.rint(given[rows]).astype(int), np.rint(truth[rows]).astype(int)),
        "pearson": lambda rows: figures.pearson(given[rows], truth[rows]),
        "rmse": lambda rows: float(np.sqrt(np.mean((given[rows] - truth[rows]) ** 2))),
    }
    whole = np.arange(len(truth))
    return {
        "n": len(truth),
        "accuracy": None,
        "macro_f1": None,
        "weighted_f1": None,
        **figures.rounded({name: measure(whole) for name, measure in measures.items()}),
        "ece": None,
        "coverage": [],
        "ci95": figures.intervals(measures, questions),
        "seconds": round(seconds, 2),
    }


def _splits(
    train: Sequence[Case],
    test: Sequence[Case],
    seed_grades: int,
    vectors: Vectors,
    outcomes_of: Any,
    confidence_of: Callable[[Case], Mapping[str, float]] | None = None,
) -> list[Split]:
    """Pair each test question with its marks: those of the training file, and the seeds that the engine asks for."""
    from tutor.engine.seeding import seeds

    trained = {case.question.id: case for case in train}
    found = []
    for case in test:
        known = trained.get(case.question.id)
        marked = list(known.texts) if known else []
        outcomes = list(outcomes_of(known)) if known else []
        asked: set[int] = set()
        if seed_grades:
            responses = [Response(str(row), text) for row, text in enumerate(case.texts)]
            chosen = seeds(
                responses,
                embed=lambda texts: vectors.of(list(texts)),
                count=seed_grades,
                vectors=vectors,
                confidence=confidence_of(case) if confidence_of is not None else None,
            )
            asked = {int(one) for one in chosen}
            truth = outcomes_of(case)
            marked += [case.texts[row] for row in sorted(asked)]
            outcomes += [truth[row] for row in sorted(asked)]
        rows = tuple(row for row in range(len(case.texts)) if row not in asked)
        if rows:
            found.append(Split(case, tuple(marked), tuple(outcomes), rows))
    if not found:
        raise EvaluationError("Every answer of the test file was revealed: ask for fewer seed grades.")
    return found
