"""The chance of a right response: logistic regression over bent features, with a constant for each skill."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tutor.tracing.features import NAMES, Difficulties, Tracker, fit_difficulties, matrix
from tutor.tracing.histories import History

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

# Where each feature may bend, as shares of its distribution.
_BENDS = (0.1, 0.3, 0.5, 0.7, 0.9)
_PENALTY = 0.3
_SKILL_SCALE = 0.5
LEAST_RESPONSES = 2_000
"""With fewer responses of an organisation than this, Bayesian knowledge tracing is the better basis."""


@dataclass(frozen=True, slots=True)
class LogisticTracing:
    """A fitted model. Arrays are by feature, bends (features, 5), weights by column of the design matrix."""

    difficulties: Difficulties
    mean: Numbers
    scale: Numbers
    bends: Numbers
    weights: Numbers
    skill_weights: dict[str, float]
    constant: float

    def probabilities(self, histories: Sequence[History]) -> Numbers:
        """Return the chance of a right response at each step of each history, one after the other."""
        rows = matrix(histories, self.difficulties)
        skills = np.array([self.skill_weights.get(skill, 0.0) for history in histories for skill in history.skills])
        return _sigmoid(_bent(rows, self.mean, self.scale, self.bends) @ self.weights + skills + self.constant)

    def probability(self, history: History, skill: str) -> float:
        """Return the chance of a right response to ``skill`` after this history."""
        tracker = Tracker(self.difficulties)
        for name, correct in zip(history.skills, history.correct, strict=True):
            tracker.add(name, correct)
        rows = np.array([tracker.row(skill)])
        logit = _bent(rows, self.mean, self.scale, self.bends) @ self.weights
        return float(_sigmoid(logit + self.skill_weights.get(skill, 0.0) + self.constant)[0])

    def dumps(self) -> str:
        """Return the model as JSON text."""
        return json.dumps(
            {
                "features": NAMES,
                "average": self.difficulties.average,
                "difficulties": dict(self.difficulties.skills),
                "mean": self.mean.tolist(),
                "scale": self.scale.tolist(),
                "bends": self.bends.tolist(),
                "weights": self.weights.tolist(),
                "skill_weights": self.skill_weights,
                "constant": self.constant,
            }
        )


def loads(text: str) -> LogisticTracing:
    """Return a model from its JSON text. Raises ValueError where it was made with other features."""
    body: dict[str, Any] = json.loads(text)
    if tuple(body["features"]) != NAMES:
        raise ValueError("this model was fitted with other features: fit it anew")
    return LogisticTracing(
        Difficulties(body["average"], body["difficulties"]),
        np.array(body["mean"]),
        np.array(body["scale"]),
        np.array(body["bends"]),
        np.array(body["weights"]),
        body["skill_weights"],
        body["constant"],
    )


def fit(histories: Sequence[History]) -> LogisticTracing:
    """Fit the model to histories. Raises ValueError where all responses are alike."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    difficulties = fit_difficulties(histories)
    rows = matrix(histories, difficulties)
    correct = np.array([one for history in histories for one in history.correct])
    if len(set(correct.tolist())) < 2:
        raise ValueError("all responses are alike: nothing can be learnt from them")
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale < 1e-9] = 1.0
    bends = np.quantile((rows - mean) / scale, _BENDS, axis=0).T
    names = sorted(difficulties.skills)
    column = {name: number for number, name in enumerate(names)}
    skills = [column[skill] for history in histories for skill in history.skills]
    own = sparse.csr_matrix(
        (np.full(len(skills), _SKILL_SCALE), (np.arange(len(skills)), skills)), shape=(len(skills), len(names))
    )
    design = sparse.hstack([sparse.csr_matrix(_bent(rows, mean, scale, bends)), own]).tocsr()
    fitted = LogisticRegression(C=_PENALTY, max_iter=400).fit(design, correct)
    weights = fitted.coef_[0]
    width = design.shape[1] - len(names)
    return LogisticTracing(
        difficulties,
        mean,
        scale,
        bends,
        weights[:width],
        {name: float(weights[width + number]) * _SKILL_SCALE for name, number in column.items()},
        float(fitted.intercept_[0]),
    )


def _bent(rows: Numbers, mean: Numbers, scale: Numbers, bends: Numbers) -> Numbers:
    """Return standardised features, and how far each lies beyond each of its bends."""
    standard = (rows - mean) / scale
    beyond = np.maximum(standard[:, :, None] - bends[None], 0.0).reshape(len(rows), -1)
    return np.hstack([standard, beyond])


def _sigmoid(logits: Numbers) -> Numbers:
    result: Numbers = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return result
