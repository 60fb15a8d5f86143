"""What marked answers to other questions say of an answer: a Gaussian process over answer and reference together.

Marks say something of each other as far as both the answers and their references mean the same: a product of two
squared-exponential kernels (Rasmussen and Williams 2006, chapters 2 and 4). It holds the vectors of the answers that it
learnt from, and so is made from public texts alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tutor.engine.similarity import Floats

Numbers = NDArray[np.float32]
_ANSWER, _REFERENCE, _NOISE = 0.6, 1.0, 0.3
_SHARES = (0.0, 0.25, 0.5)
_FAR, _NEAR = 0.3, 0.5
"""Likeness to the nearest kin under which they are not heard, and from which on with their whole share."""
_LEAST_CHANCE = 0.01
MOST = 8_000
"""So many answers it learns from at most: their likenesses to each other stand in memory at once."""


@dataclass(frozen=True, slots=True)
class Kin:
    """``pairs`` [marked, 2 x dimensions], ``pulls`` [marked, outcomes] and ``mean`` [outcomes]."""

    pairs: Numbers
    pulls: Numbers
    mean: Numbers

    def heard(self, pairs: Numbers) -> Heard:
        """Return what the kin say of answers."""
        likeness = _kernel(pairs, self.pairs)
        found = np.clip(self.mean + likeness @ self.pulls, _LEAST_CHANCE, 1.0)
        chances: Floats = (found / found.sum(axis=1, keepdims=True)).astype(np.float64)
        return Heard(chances, np.clip((likeness.max(axis=1) - _FAR) / (_NEAR - _FAR), 0.0, 1.0).astype(np.float64))


@dataclass(frozen=True, slots=True)
class Heard:
    """``chances`` [answers, outcomes] and ``weight`` [answers]: 0 where no kin is near enough to know of the answer."""

    chances: Floats
    weight: Floats


def mixed(said: Floats, heard: Heard, share: float) -> Floats:
    """Return what the learners said with a share of what the kin say, as far as they are near."""
    part = share * heard.weight[:, None]
    result: Floats = (1 - part) * said + part * heard.chances
    return result


def share(said: Floats, heard: Heard, verdict: NDArray[np.intp]) -> float:
    """Return by how much the kin are to be heard, for the least cross-entropy on questions held out of both.

    Where questions have little in common it is 0: there the kin know nothing but the mean.
    """
    rows = np.arange(len(verdict))
    losses = [-float(np.log(np.clip(mixed(said, heard, one)[rows, verdict], 1e-6, 1.0)).mean()) for one in _SHARES]
    return _SHARES[int(np.argmin(losses))]


def pairs(answers: Floats, reference: Floats) -> Numbers:
    """Return answers beside their reference, [answers, 2 x dimensions], on the scale of the kernel."""
    scaled = [
        one / np.maximum(np.linalg.norm(one, axis=-1, keepdims=True), 1e-9) / reach**0.5
        for one, reach in ((answers, _ANSWER), (reference, _REFERENCE))
    ]
    return np.hstack([scaled[0], np.broadcast_to(scaled[1], answers.shape)]).astype(np.float32)


def fit(given: Numbers, verdict: NDArray[np.intp], outcomes: int) -> Kin:
    """Fit to the verdicts of answers; of more than ``MOST`` to some of them, drawn by chance."""
    from scipy import linalg

    if len(given) > MOST:
        chosen = np.sort(np.random.default_rng(0).permutation(len(given))[:MOST])
        given, verdict = given[chosen], verdict[chosen]
    told = np.eye(outcomes, dtype=np.float32)[verdict]
    mean = told.mean(axis=0)
    among = _kernel(given, given)
    among[np.diag_indices(len(given))] += _NOISE
    pulls = linalg.cho_solve(linalg.cho_factor(among, overwrite_a=True, check_finite=False), told - mean)
    return Kin(given, pulls.astype(np.float32), mean)


def _kernel(some: Numbers, others: Numbers) -> Numbers:
    lengths = [np.square(one).sum(axis=1) / 2 for one in (some, others)]
    between: Numbers = some @ others.T
    between -= lengths[0][:, None]
    between -= lengths[1][None]
    # A text is at most as near to another as to itself, whatever is rounded.
    np.exp(np.minimum(between, 0.0, out=between), out=between)
    return between
