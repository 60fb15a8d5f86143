"""How well the found passages can answer a question: a number between 0 and 1, taken before any generation.

Four signals enter a logistic model whose weights can be read and refitted (``calibrate answering``). None of them
looks at the words of an answer, and none depends on one collection.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from llmasos.answering import words

# The similarity that the twentieth-best passage of a collection has to an ordinary question.
BACKGROUND_RANK = 20
USUAL_BACKGROUND = 0.28
COVERED_BY = 5
LONGEST_WEIGHT = 8


class Decision(StrEnum):
    ANSWER = "answer"
    CLARIFY = "clarify"
    ABSTAIN = "abstain"


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known about a question and the passages found for it.

    similarity: cosine of the best passage to the question, the mean over the question alone and in its conversation.
    margin: by how much that passage stands out from the twentieth-best.
    coverage: share of the question's content words that occur in the five best passages; long words weigh more.
    sentence: cosine of the question to the best single sentence.
    """

    similarity: float
    margin: float
    coverage: float
    sentence: float

    def vector(self) -> list[float]:
        return [self.similarity, self.margin, self.coverage, self.sentence]


# Centre and spread of each signal: they only fix the scale in which the weights are read and kept near the defaults.
CENTRES = (0.55, 0.255, 0.70, 0.64)
SPREADS = (0.13, 0.125, 0.30, 0.205)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights over the scaled signals, and two thresholds of the score.

    At ``answer_from`` and above a question is answered, at ``clarify_from`` and above it may be asked back.
    """

    bias: float = 1.1
    similarity: float = 0.65
    margin: float = 1.2
    coverage: float = 0.65
    sentence: float = 0.55
    answer_from: float = 0.55
    clarify_from: float = 0.2

    def weights(self) -> list[float]:
        return [self.bias, self.similarity, self.margin, self.coverage, self.sentence]

    def as_dict(self) -> dict[str, float]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Parameters:
        """Read stored parameters; a missing one keeps its default."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: float(value) for name, value in values.items() if name in known})


DEFAULTS = Parameters()


def scaled(signals: Signals) -> list[float]:
    """Return 1 (for the bias) and the signals in units of their usual spread."""
    values = zip(signals.vector(), CENTRES, SPREADS, strict=True)
    return [1.0, *((value - centre) / spread for value, centre, spread in values)]


def score(signals: Signals, parameters: Parameters = DEFAULTS) -> float:
    """Return the estimate that the passages answer the question."""
    total = sum(w * x for w, x in zip(parameters.weights(), scaled(signals), strict=True))
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, total))))


def decide(value: float, *, rivals: int, parameters: Parameters = DEFAULTS) -> Decision:
    """Turn a score into a decision; ``rivals`` counts the subjects that compete for the best place."""
    if value >= parameters.answer_from:
        return Decision.ANSWER
    if value >= parameters.clarify_from and rivals > 1:
        return Decision.CLARIFY
    return Decision.ABSTAIN


def standing_out(similarities: Sequence[float]) -> tuple[float, float]:
    """Return the best similarity and its margin over the collection's background.

    A collection too small to have a background of its own is given the usual one, so that its only passage counts.
    """
    ordered = sorted(similarities, reverse=True)
    if not ordered:
        return 0.0, 0.0
    large = len(ordered) > BACKGROUND_RANK
    background = ordered[BACKGROUND_RANK] if large else min(ordered[-1], USUAL_BACKGROUND)
    return ordered[0], ordered[0] - background


def coverage(question: str, passages: Sequence[str]) -> float:
    """Return the share of the question's content words that the passages contain; .5 if it has none."""
    asked = set(words.content_forms(question))
    if not asked:
        return 0.5
    present: set[str] = set()
    for passage in passages[:COVERED_BY]:
        present.update(words.content_forms(passage))
    weight = {word: min(len(word), LONGEST_WEIGHT) for word in asked}
    return sum(weight[word] for word in asked & present) / sum(weight.values())
