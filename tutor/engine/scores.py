"""Scores on a scale instead of verdicts: a ridge regression and boosted trees over the same inputs, averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tutor.engine import neighbours
from tutor.engine.features import Vectors
from tutor.engine.inputs import Inputs, inputs
from tutor.engine.model import mixture
from tutor.engine.similarity import Floats
from tutor.engine.types import Question


@dataclass(frozen=True, slots=True)
class Scored:
    """Scored answers to one question; scores are shares of the scale, 0 to 1."""

    question: Question
    texts: tuple[str, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ScoreModel:
    """A fitted model of scores."""

    names: tuple[str, ...]
    ridge: Any
    trees: Any

    def scores(self, given: Inputs, heard: Floats, moved: Floats) -> Floats:
        """Return the expected share of the scale of each answer, 0 to 1.

        ``moved`` [answers] is by how much the marks move what is expected without them: ``carried``.
        """
        with_marks = heard[:, -1] > 0
        result = self.alone(given)
        result[with_marks] = mixture(self._both(given, heard), result + moved)[with_marks]
        return np.clip(result, 0.0, 1.0)

    def alone(self, given: Inputs) -> Floats:
        """Return what is expected of answers without marks to their question."""
        return self._both(given, np.zeros((len(given), neighbours.width(1))))

    def carried(self, answers: Sequence[str], marked: Scored, vectors: Vectors) -> Floats:
        """Return by how much the marks of a question move what is expected of answers to it."""
        if len(marked.texts) < neighbours.LEAST:
            return np.zeros(len(answers))
        known = inputs(marked.question.prompt, marked.question.references, marked.texts, vectors)
        among, to = (neighbours.alike(some, marked.texts, vectors) for some in (marked.texts, answers))
        missed = np.array(marked.scores) - self.alone(known)
        return neighbours.carried(among, to, missed[:, None], {})[:, 0]

    def _both(self, given: Inputs, heard: Floats) -> Floats:
        seen = np.hstack([given.own, heard])
        result: Floats = (self.ridge.predict(np.hstack([seen, given.meaning])) + self.trees.predict(seen)) / 2
        return result


def fit_scores(scored: Sequence[Scored], vectors: Vectors) -> ScoreModel:
    """Fit scores on answers to many questions, each shown with all, with a few and with no marks beside it."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    generator = np.random.default_rng(0)
    own, meaning, target = [], [], []
    names: tuple[str, ...] = ()
    for one in scored:
        given = inputs(one.question.prompt, one.question.references, one.texts, vectors)
        names = given.names
        shares = np.array(one.scores)
        alike = neighbours.alike(one.texts, one.texts, vectors)
        others = ~np.eye(len(one.texts), dtype=bool)
        few = neighbours.handful(others, generator)
        for usable in (others, few, np.zeros_like(others)):
            own.append(np.hstack([given.own, neighbours.heard(alike, shares[:, None], usable)]))
            meaning.append(given.meaning)
            target.append(shares)
    seen, wanted = np.vstack(own), np.concatenate(target)
    ridge = make_pipeline(StandardScaler(), Ridge(alpha=3_000.0))
    ridge.fit(np.hstack([seen, np.vstack(meaning)]), wanted)
    trees = HistGradientBoostingRegressor(
        max_iter=150,
        learning_rate=0.05,
        max_leaf_nodes=10,
        min_samples_leaf=40,
        l2_regularization=5.0,
        max_features=0.4,
        random_state=0,
    )
    trees.fit(seen, wanted)
    return ScoreModel(names, ridge, trees)
