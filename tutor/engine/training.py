"""Fitting the global model on marked answers to many questions.

Each answer is shown three times: with all other marks of its question, with a few of them, and with none. A model that
always had neighbours in training collapses on a new question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor.engine import kin, neighbours, tricks
from tutor.engine.features import Vectors
from tutor.engine.inputs import Inputs, inputs
from tutor.engine.model import CORRECT, Calibration, GlobalModel, mixture
from tutor.engine.similarity import Floats
from tutor.engine.types import Question

_FOLDS = 4
# A handful of answers that happen to be told apart perfectly must not make the engine certain.
_SLOPES = (0.3, 2.0)
_WEIGHTS = (1.0, 1.25, 1.6, 2.0)
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Marked:
    """Marked answers to one question; ``verdicts`` are columns of the outcomes."""

    question: Question
    texts: tuple[str, ...]
    verdicts: tuple[int, ...]


@dataclass(slots=True)
class Prepared:
    """All training answers as numbers, question after question."""

    inputs: Inputs
    verdict: NDArray[np.intp]
    group: NDArray[np.intp]
    alike: list[Floats]
    outcomes: int

    def carried(self, usable: Mask, believed: Floats) -> Floats:
        """Return by how much the usable marks move what was believed of every answer, [answers, outcomes]."""
        result = np.zeros_like(believed)
        missed = np.eye(self.outcomes)[self.verdict] - believed
        for number, similarities in enumerate(self.alike):
            rows = np.flatnonzero(self.group == number)
            marks = np.flatnonzero(usable[rows])
            own = {int(row): at for at, row in enumerate(marks)}
            among, to = similarities[np.ix_(marks, marks)], similarities[:, marks]
            result[rows] = neighbours.carried(among, to, missed[rows[marks]], own)
        return result

    def heard(self, usable: Mask, *, few: np.random.Generator | None = None) -> Floats:
        """Return what the usable marks say about every answer of their question; with ``few`` a random handful."""
        result = np.zeros((len(self.verdict), neighbours.width(self.outcomes)))
        given = np.eye(self.outcomes)[self.verdict]
        for number, similarities in enumerate(self.alike):
            rows = np.flatnonzero(self.group == number)
            heard = np.broadcast_to(usable[rows], similarities.shape) & ~np.eye(len(rows), dtype=bool)
            if few is not None:
                heard = neighbours.handful(heard, few)
            result[rows] = neighbours.heard(similarities, given[rows], heard)
        return result


def prepare(marked: Sequence[Marked], vectors: Vectors, *, outcomes: int) -> Prepared:
    """Turn marked answers into numbers."""
    parts = [inputs(one.question.prompt, one.question.references, one.texts, vectors) for one in marked]
    whole = Inputs(
        parts[0].names,
        np.vstack([part.own for part in parts]),
        np.vstack([part.meaning for part in parts]),
        np.vstack([part.pairs for part in parts]),
    )
    return Prepared(
        whole,
        np.array([verdict for one in marked for verdict in one.verdicts], dtype=np.intp),
        np.repeat(np.arange(len(marked)), [len(one.texts) for one in marked]),
        [neighbours.alike(one.texts, one.texts, vectors) for one in marked],
        outcomes,
    )


def fit(
    marked: Sequence[Marked],
    outcomes: Sequence[str],
    vectors: Vectors,
    *,
    keeps_answers: bool = False,
    progress: Callable[[str], object] = lambda line: None,
) -> GlobalModel:
    """Fit and calibrate a model. ``outcomes`` name the verdicts.

    With ``keeps_answers`` the model may hold the vectors of what it learnt from and hear them where there are no marks.

    Calibration is cross-fitted: whole questions are held out for the situation without marks, single answers for the
    other one. Raises ValueError where fewer than two verdicts occur or there are fewer questions than folds.
    """
    if len({verdict for one in marked for verdict in one.verdicts}) < len(outcomes) or len(marked) < _FOLDS:
        raise ValueError(f"at least {_FOLDS} questions and every one of the verdicts {', '.join(outcomes)} are needed")
    prepared = prepare(marked, vectors, outcomes=len(outcomes))
    progress(f"{len(prepared.verdict)} answers to {len(marked)} questions")
    cold = np.zeros((len(prepared.verdict), len(outcomes)))
    warm, others = np.zeros_like(cold), kin.Heard(np.zeros_like(cold), np.zeros(len(cold)))
    for number, (held, by_question) in enumerate(_held_out(prepared), start=1):
        learners = _learners(prepared, ~held)
        without = _mean(learners, prepared.inputs, np.zeros((len(held), neighbours.width(prepared.outcomes))))
        if by_question:
            cold[held] = without[held]
            if keeps_answers:
                heard = _kin(prepared, ~held).heard(prepared.inputs.pairs[held])
                others.chances[held], others.weight[held] = heard.chances, heard.weight
        else:
            said = _mean(learners, prepared.inputs, prepared.heard(~held))
            warm[held] = mixture(said, without + prepared.carried(~held, without))[held]
        progress(f"calibration {number} of {2 * _FOLDS}")
    share = kin.share(cold, others, prepared.verdict) if keeps_answers else 0.0
    cold = kin.mixed(cold, others, share)
    calibrations = {"cold": _calibrated(cold, prepared.verdict), "neighbours": _calibrated(warm, prepared.verdict)}
    logistic, trees = _learners(prepared, np.ones(len(prepared.verdict), dtype=bool))
    return GlobalModel(
        tuple(outcomes),
        prepared.inputs.names,
        logistic,
        trees,
        calibrations,
        _chosen_weights(calibrations["cold"].apply(cold), calibrations["neighbours"].apply(warm), prepared.verdict),
        tricks.fit([_honest(one, outcomes.index(CORRECT)) for one in marked]),
        _kin(prepared, np.ones(len(prepared.verdict), dtype=bool)) if share else None,
        share,
    )


def _kin(prepared: Prepared, rows: Mask) -> kin.Kin:
    return kin.fit(prepared.inputs.pairs[rows], prepared.verdict[rows], prepared.outcomes)


def _honest(marked: Marked, full: int) -> tricks.Honest:
    # The references themselves are honest: who says nearly the same must not be taken for a trickster.
    wanted = marked.question.references
    right = (*(verdict == full for verdict in marked.verdicts), *(True for _one in wanted))
    return tricks.Honest(wanted, (*marked.texts, *wanted), right)


def _held_out(prepared: Prepared) -> Iterator[tuple[Mask, bool]]:
    generator = np.random.default_rng(0)
    questions = generator.permutation(len(prepared.alike)) % _FOLDS
    answers = generator.permutation(len(prepared.verdict)) % _FOLDS
    for fold in range(_FOLDS):
        yield questions[prepared.group] == fold, True
        yield answers == fold, False


def _learners(prepared: Prepared, rows: Mask) -> tuple[Any, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    heard = (
        prepared.heard(rows)[rows],
        prepared.heard(rows, few=np.random.default_rng(1))[rows],
        np.zeros((int(rows.sum()), neighbours.width(prepared.outcomes))),
    )
    own, meaning = prepared.inputs.own[rows], prepared.inputs.meaning[rows]
    seen = np.vstack([np.hstack([own, one]) for one in heard])
    verdict = np.tile(prepared.verdict[rows], len(heard))
    logistic = make_pipeline(StandardScaler(), LogisticRegression(C=0.0015, max_iter=300))
    logistic.fit(np.hstack([seen, np.tile(meaning, (len(heard), 1))]), verdict)
    trees = HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.06,
        max_leaf_nodes=12,
        min_samples_leaf=40,
        l2_regularization=5.0,
        max_features=0.4,
        random_state=0,
    )
    trees.fit(seen, verdict)
    return logistic, trees


def _mean(learners: tuple[Any, Any], given: Inputs, heard: Floats) -> Floats:
    seen = np.hstack([given.own, heard])
    logistic, trees = learners
    result: Floats = (logistic.predict_proba(np.hstack([seen, given.meaning])) + trees.predict_proba(seen)) / 2
    return result


def _calibrated(chances: Floats, verdict: NDArray[np.intp]) -> Calibration:
    """Fit slope and shifts by least cross-entropy, shifts drawn to zero."""
    from scipy.optimize import minimize

    logs = np.log(np.clip(chances, 1e-6, 1.0))
    rows = np.arange(len(verdict))

    def loss(parameters: Floats) -> float:
        logits = logs * parameters[0] + parameters[1:]
        top = logits.max(axis=1)
        return float(
            np.mean(np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top - logits[rows, verdict])
            + 0.001 * np.sum(parameters[1:] ** 2)
        )

    start = np.array([1.0] + [0.0] * chances.shape[1])
    bounds = [_SLOPES, *[(-3.0, 3.0)] * chances.shape[1]]
    found = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    return Calibration(float(found.x[0]), tuple(float(one) for one in found.x[1:]))


def _chosen_weights(cold: Floats, warm: Floats, verdict: NDArray[np.intp]) -> tuple[float, ...]:
    """Choose by how much the rarer verdicts are favoured, for the best mean of accuracy and macro-averaged F1."""
    from sklearn.metrics import f1_score

    kinds = cold.shape[1]
    best = -1.0
    chosen: tuple[float, ...] = (1.0,) * kinds
    counts = np.bincount(verdict, minlength=kinds)
    rare = [one for one in range(kinds) if counts[one] < counts.max()]
    for at in np.ndindex(*(len(_WEIGHTS),) * len(rare)):
        weights = np.ones(kinds)
        weights[rare] = [_WEIGHTS[one] for one in at]
        reached = 0.0
        for chances in (cold, warm):
            given = np.argmax(chances * weights, axis=1)
            reached += float(np.mean(given == verdict)) + float(f1_score(verdict, given, average="macro"))
        if reached > best + 1e-9:
            best, chosen = reached, tuple(float(one) for one in weights)
    return chosen
