"""The next most informative question by expected information gain; must-not-miss conditions weigh again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from clinical_assist.differential.model import Array, Evidence, Model, Person

URGENCY_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Question:
    """A finding worth asking for. ``gain`` is in bits; ``chance`` is how likely the answer is yes."""

    finding: str
    gain: float
    chance: float


class Interviewer:
    """Chooses questions for one knowledge base."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._urgent = np.array([condition.must_not_miss for condition in model.knowledge.conditions])

    def next(
        self, person: Person, evidence: Evidence, *, skip: Collection[str] = (), count: int = 1
    ) -> tuple[Question, ...]:
        """Return the best questions, best first; none when nothing is left that would change the picture.

        A question within another finding waits until that finding is present. ``skip`` are questions without an answer.
        """
        model = self._model
        rows = np.array(sorted(model.rows[code] for code in self._askable(evidence).difference(skip)), dtype=int)
        if not len(rows):
            return ()
        chances = model.posterior(person, evidence)
        within = model.within[rows]
        gains = _information(within, chances)
        urgent = np.stack([self._urgent * chances, ~self._urgent * chances], axis=1)
        masses = urgent.sum(axis=0)
        if masses.min() > 0:
            gains = gains + URGENCY_WEIGHT * _information(within @ urgent / masses, masses)
        best = [place for place in np.argsort(-gains)[:count] if gains[place] > 0]
        return tuple(
            Question(model.codes[rows[place]], float(gains[place]), float(within[place] @ chances)) for place in best
        )

    def _askable(self, evidence: Evidence) -> set[str]:
        """Codes of what can be asked now and was not."""
        findings = self._model.knowledge.findings
        return {
            code
            for code in self._model.open_findings(evidence)
            if findings[code].question and (not findings[code].parent or evidence.states.get(findings[code].parent))
        }


def _information(yes: Array, weights: Array) -> Array:
    """Mutual information in bits between a yes/no answer (rows of ``yes``) and a class with the given chances."""
    return np.asarray(_entropy(yes @ weights) - _entropy(yes) @ weights)


def _entropy(chance: Array) -> Array:
    safe = np.clip(chance, 1e-12, 1 - 1e-12)
    return np.asarray(-(safe * np.log2(safe) + (1 - safe) * np.log2(1 - safe)))
