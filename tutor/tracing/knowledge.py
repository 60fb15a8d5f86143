"""Bayesian knowledge tracing (Corbett and Anderson 1995): a skill is known or not, and each response tells a little.

For where data are few: it needs nothing but the responses to one skill, and its four parameters have plain meanings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_ROUNDS = 30
_LEAST, _MOST = 0.01, 0.99
# A guess or a slip above this would mean that right answers speak against knowing.
_MOST_GUESS, _MOST_SLIP = 0.35, 0.25
# Counts with which the defaults below weigh against the data, so that a handful of learners does not decide alone.
_PRIOR_STRENGTH = 4.0


@dataclass(frozen=True, slots=True)
class Parameters:
    """Chances: ``known`` at the start, of learning it at each step, of guessing right, of slipping."""

    known: float = 0.35
    learn: float = 0.12
    guess: float = 0.2
    slip: float = 0.1


def knowledge(parameters: Parameters, responses: Sequence[int]) -> float:
    """Return the chance that the skill is known after these responses."""
    known = parameters.known
    for correct in responses:
        known = _after(parameters, known, correct)
    return known


def expected(parameters: Parameters, responses: Sequence[int]) -> float:
    """Return the chance that the next response is right."""
    known = knowledge(parameters, responses)
    return known * (1 - parameters.slip) + (1 - known) * parameters.guess


def fit(sequences: Sequence[Sequence[int]], start: Parameters | None = None) -> Parameters:
    """Fit the parameters of one skill by expectation maximisation, drawn to the defaults where data are few."""
    prior = start or Parameters()
    found = prior
    sequences = [sequence for sequence in sequences if sequence]
    for _ in range(_ROUNDS if sequences else 0):
        found = _maximised(prior, [_posteriors(found, sequence) for sequence in sequences], sequences)
    return found


def _after(parameters: Parameters, known: float, correct: int) -> float:
    if correct:
        right = known * (1 - parameters.slip)
        other = (1 - known) * parameters.guess
    else:
        right = known * parameters.slip
        other = (1 - known) * (1 - parameters.guess)
    posterior = right / (right + other)
    return posterior + (1 - posterior) * parameters.learn


@dataclass(frozen=True, slots=True)
class _Posterior:
    """Smoothed chances of knowing at each step, and of having learnt between each two."""

    known: list[float]
    learnt: list[float]


def _posteriors(parameters: Parameters, responses: Sequence[int]) -> _Posterior:
    """The forward-backward pass over two states, of which the known one is never left."""
    likely = [
        ((1 - parameters.guess, parameters.slip), (parameters.guess, 1 - parameters.slip))[correct]
        for correct in responses
    ]
    forward: list[tuple[float, float]] = []
    unknown, known = 1 - parameters.known, parameters.known
    for number, (if_unknown, if_known) in enumerate(likely):
        if number:
            unknown, known = unknown * (1 - parameters.learn), known + unknown * parameters.learn
        unknown, known = unknown * if_unknown, known * if_known
        total = unknown + known
        unknown, known = unknown / total, known / total
        forward.append((unknown, known))
    backward = [(1.0, 1.0)] * len(responses)
    for number in range(len(responses) - 2, -1, -1):
        if_unknown, if_known = likely[number + 1]
        later_unknown, later_known = backward[number + 1]
        stays = (1 - parameters.learn) * if_unknown * later_unknown + parameters.learn * if_known * later_known
        knows = if_known * later_known
        total = stays + knows
        backward[number] = (stays / total, knows / total)
    smoothed, learnt = [], []
    for number, ((not_yet, already), (b_unknown, b_known)) in enumerate(zip(forward, backward, strict=True)):
        total = not_yet * b_unknown + already * b_known
        smoothed.append(already * b_known / total)
        if number + 1 < len(responses):
            if_unknown, if_known = likely[number + 1]
            later_unknown, later_known = backward[number + 1]
            still = not_yet * (1 - parameters.learn) * if_unknown * later_unknown
            now = not_yet * parameters.learn * if_known * later_known
            before = already * if_known * later_known
            learnt.append(now / (still + now + before))
    return _Posterior(smoothed, learnt)


def _maximised(prior: Parameters, posteriors: Sequence[_Posterior], sequences: Sequence[Sequence[int]]) -> Parameters:
    first = sum(one.known[0] for one in posteriors)
    learnt = sum(sum(one.learnt) for one in posteriors)
    could_learn = sum(sum(1 - known for known in one.known[:-1]) for one in posteriors)
    unknown = guessed = known = slipped = 0.0
    for one, responses in zip(posteriors, sequences, strict=True):
        for chance, correct in zip(one.known, responses, strict=True):
            unknown += 1 - chance
            guessed += (1 - chance) * correct
            known += chance
            slipped += chance * (1 - correct)
    return Parameters(
        known=_drawn(first, len(posteriors), prior.known),
        learn=_drawn(learnt, could_learn, prior.learn),
        guess=min(_drawn(guessed, unknown, prior.guess), _MOST_GUESS),
        slip=min(_drawn(slipped, known, prior.slip), _MOST_SLIP),
    )


def _drawn(counted: float, out_of: float, prior: float) -> float:
    share = (counted + _PRIOR_STRENGTH * prior) / (out_of + _PRIOR_STRENGTH)
    return min(max(share, _LEAST), _MOST)
