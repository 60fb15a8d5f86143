"""How far somebody has a skill, with a band that says how little is known, and when to look at it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from tutor.tracing import knowledge
from tutor.tracing.histories import History
from tutor.tracing.knowledge import Parameters
from tutor.tracing.logistic import LogisticTracing

if TYPE_CHECKING:
    from fsrs import Rating

Basis = Literal["logistic", "bayesian", "too few"]
LEAST_RESPONSES = 3
"""With fewer responses to a skill nothing is said about it."""
_BAND = 0.9
# What an estimate weighs before there is a response, in responses.
_PRIOR_WEIGHT = 2.0
# Old responses say less: beyond these the band grows no narrower.
_MOST_WEIGHT = 20.0
RIGHT_FROM = 0.6
"""The share of a question's points from which a marked answer counts as right for its skills."""


@dataclass(frozen=True, slots=True)
class Mastery:
    """The chance of a right answer to the next question on a skill, with its 90 % band; 0 to 1.

    With the basis "too few" the band spans everything, and ``probability`` says nothing.
    """

    probability: float
    low: float
    high: float
    responses: int
    basis: Basis


def mastery(
    history: History,
    skill: str,
    *,
    parameters: Parameters | None = None,
    model: LogisticTracing | None = None,
) -> Mastery:
    """Estimate one skill of one learner: by the logistic model where there is one, else by Bayesian tracing.

    The band is that of a beta distribution around the estimate, as wide as the number of responses leaves it.
    """
    responses = [correct for name, correct in zip(history.skills, history.correct, strict=True) if name == skill]
    if len(responses) < LEAST_RESPONSES:
        return Mastery(0.5, 0.0, 1.0, len(responses), "too few")
    if model is not None:
        probability, basis = model.probability(history, skill), "logistic"
    else:
        probability, basis = knowledge.expected(parameters or Parameters(), responses), "bayesian"
    low, high = _band(probability, min(len(responses), _MOST_WEIGHT) + _PRIOR_WEIGHT)
    return Mastery(probability, low, high, len(responses), basis)  # type: ignore[arg-type]


def _band(probability: float, weight: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    a, b = max(probability * weight, 0.5), max((1 - probability) * weight, 0.5)
    tail = (1 - _BAND) / 2
    return min(float(betaincinv(a, b, tail)), probability), max(float(betaincinv(a, b, 1 - tail)), probability)


@dataclass(frozen=True, slots=True)
class Review:
    """When a skill should be looked at again, and what the scheduler keeps about it (JSON)."""

    due_at: datetime
    card: Mapping[str, object]


def review(card: Mapping[str, object] | None, *, share: float, at: datetime) -> Review:
    """Schedule the next look at a skill after an answer with this share of its points (0 to 1), by FSRS.

    ``card`` is what the last review kept, None at the first. Without chance: the same answers give the same dates.
    """
    from fsrs import Card, Scheduler

    scheduler = Scheduler(enable_fuzzing=False)
    present = Card.from_dict(dict(card)) if card else Card()  # type: ignore[arg-type]
    after, _ = scheduler.review_card(present, rating_of(share), review_datetime=at.astimezone(UTC))
    return Review(after.due, dict(after.to_dict()))


def rating_of(share: float) -> Rating:
    """Return the scheduler's rating of an answer: missed, partly, right, or wholly right."""
    from fsrs import Rating

    if share < 0.4:
        return Rating.Again
    if share < RIGHT_FROM + 0.1:
        return Rating.Hard
    return Rating.Good if share < 0.95 else Rating.Easy


def fitted_parameters(histories: Sequence[History]) -> dict[str, Parameters]:
    """Fit Bayesian tracing for every skill that occurs."""
    sequences: dict[str, list[list[int]]] = {}
    for history in histories:
        own: dict[str, list[int]] = {}
        for skill, correct in zip(history.skills, history.correct, strict=True):
            own.setdefault(skill, []).append(correct)
        for skill, responses in own.items():
            sequences.setdefault(skill, []).append(responses)
    return {skill: knowledge.fit(found) for skill, found in sequences.items()}
