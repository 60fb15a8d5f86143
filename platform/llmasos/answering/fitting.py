"""Fits the evidence parameters to labelled questions, kept near the defaults where the labels say little."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from llmasos.answering.evidence import DEFAULTS, Parameters, Signals, scaled, score

# How many labelled questions weigh as much as the defaults do.
PRIOR_STRENGTH = 12.0
THRESHOLD_STRENGTH = 60.0
FEWEST_OF_A_KIND = 5
ROUNDS = 50

Weights = NDArray[np.float64]


class TooFewLabelsError(Exception):
    """Fewer than ``FEWEST_OF_A_KIND`` answerable or unanswerable questions."""


def fit(signals: Sequence[Signals], answerable: Sequence[bool], *, start: Parameters = DEFAULTS) -> Parameters:
    """Return weights by penalised logistic regression (Newton's method) and thresholds for them.

    Both kinds weigh the same in total, whatever their numbers. Raises ``TooFewLabelsError``.
    """
    labels = np.array(answerable, dtype=float)
    if min(labels.sum(), len(labels) - labels.sum()) < FEWEST_OF_A_KIND:
        raise TooFewLabelsError
    inputs = np.array([scaled(one) for one in signals])
    shares = np.where(labels > 0.5, 0.5 / labels.sum(), 0.5 / (len(labels) - labels.sum())) * len(labels)
    prior = np.array(start.weights())
    strength = np.full(len(prior), PRIOR_STRENGTH)
    weights = prior.copy()

    def loss(at: Weights) -> float:
        surprise = np.logaddexp(0, np.where(labels > 0.5, -1, 1) * (inputs @ at))
        return float((shares * surprise).sum() + (strength * (at - prior) ** 2).sum() / 2)

    for _ in range(ROUNDS):
        estimate = 1 / (1 + np.exp(-np.clip(inputs @ weights, -40, 40)))
        gradient = inputs.T @ (shares * (estimate - labels)) + strength * (weights - prior)
        curvature = (inputs * (shares * estimate * (1 - estimate))[:, None]).T @ inputs + np.diag(strength)
        step = np.linalg.solve(curvature, gradient)
        # A full step may overshoot where the start is far off: halve it until the loss falls.
        while loss(weights - step) > loss(weights) and float(np.abs(step).max()) > 1e-8:
            step = step / 2
        weights = weights - step
        if float(np.abs(step).max()) < 1e-8:
            break
    bias, similarity, margin, coverage, sentence = (float(w) for w in weights)
    fitted = Parameters(bias, similarity, margin, coverage, sentence, start.answer_from, start.clarify_from)
    scores = np.array([score(one, fitted) for one in signals])
    share = len(labels) / (len(labels) + THRESHOLD_STRENGTH)
    answer_from = share * best_threshold(scores, labels > 0.5) + (1 - share) * start.answer_from
    clarify_from = min(start.clarify_from, answer_from * 0.6)
    return Parameters(bias, similarity, margin, coverage, sentence, round(answer_from, 4), round(clarify_from, 4))


def best_threshold(scores: Weights, answerable: NDArray[np.bool_]) -> float:
    """Return the middle of the thresholds whose balanced error is within a hundredth of the least."""
    grid = np.linspace(0.05, 0.95, 91)
    errors = np.array([((scores[answerable] < cut).mean() + (scores[~answerable] >= cut).mean()) / 2 for cut in grid])
    return float(np.median(grid[errors <= errors.min() + 0.01]))
