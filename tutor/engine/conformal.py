"""How far proposals can be trusted without a look: conformal risk control over marks that people gave on proposals.

A proposal is confirmed unseen from a border of confidence on. An answer is a loss when it is confirmed unseen and its
marker would have given another mark. Where marked and unmarked answers are exchangeable, the next one is a loss with a
probability of at most (k + 1) / (n + 1), k of n marked answers being losses (split-conformal prediction: Vovk,
Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; for a loss that falls with the border:
Angelopoulos, Bates, Fisch, Lei and Schuster, Conformal Risk Control, ICLR 2024).

Markers choose their queues by confidence, so what is marked is no plain sample. Each marked answer is therefore
weighted by how many unmarked ones of about its confidence it stands for (Tibshirani, Barber, Candès and Ramdas,
Conformal Prediction Under Covariate Shift, NeurIPS 2019). Unmarked answers for which none stands are never confirmed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import nextafter, sqrt
from typing import Final

BANDS: Final = 4
"""Answers are of about the same confidence when they are in the same fourth of all."""
NEVER: Final = 1.01
"""The border above every confidence: nothing is confirmed unseen."""
Z90: Final = 1.6449


@dataclass(frozen=True, slots=True)
class Judged:
    """A proposal's confidence, and whether the person who saw it gave the proposed mark."""

    confidence: float
    agreed: bool


@dataclass(frozen=True, slots=True)
class Share:
    """A share from 0 to 1 with its 90 % interval."""

    value: float
    low: float
    high: float


class Trust:
    """What marked answers say about the unmarked ones, for any border."""

    def __init__(self, judged: Sequence[Judged], unmarked: Sequence[float]) -> None:
        # Edges without a look at who agreed: they say nothing of the losses.
        pooled = sorted([*(one.confidence for one in judged), *unmarked])
        edges = [pooled[len(pooled) * number // BANDS] for number in range(1, BANDS)] if pooled else []
        marked = Counter(bisect_right(edges, one.confidence) for one in judged)
        waiting = Counter(bisect_right(edges, one) for one in unmarked)
        self._count = len(unmarked)
        self._weighted = [
            (one, waiting[band] / marked[band])
            for one, band in ((one, bisect_right(edges, one.confidence)) for one in judged)
        ]
        self._most = max((weight for _one, weight in self._weighted), default=1.0) or 1.0
        # No mark stands for these: the border has to be above them.
        self._alone = max((one for one in unmarked if not marked[bisect_right(edges, one)]), default=-1.0)

    def risk(self, border: float) -> float:
        """Return the bound on the probability that an unmarked answer is a loss; never rises with the border."""
        if border <= self._alone:
            return 1.0
        lost = sum(weight for one, weight in self._weighted if one.confidence >= border and not one.agreed)
        return (lost + self._most) / (self._count + self._most)

    def border(self, allowed: float) -> float:
        """Return the lowest border whose risk is at most ``allowed``; ``NEVER`` where there is none."""
        worst = {one.confidence for one, _weight in self._weighted if not one.agreed}
        borders = sorted({0.0, nextafter(max(self._alone, 0.0), 2.0), *(nextafter(one, 2.0) for one in worst)})
        at = bisect_left(borders, 1, key=lambda one: int(self.risk(one) <= allowed))
        return borders[at] if at < len(borders) else NEVER

    def agreement(self, border: float) -> Share | None:
        """Return on what share of the answers confirmed unseen people are expected to agree; None without marks there.

        The interval is Wilson's over as many marks as the weights are worth (Kish's effective sample size).
        """
        above = [(one.agreed, weight) for one, weight in self._weighted if one.confidence >= border]
        whole = sum(weight for _agreed, weight in above)
        if whole <= 0:
            return None
        agreed = sum(weight for agreed, weight in above if agreed)
        return wilson(agreed / whole, whole**2 / sum(weight**2 for _agreed, weight in above))


def wilson(share: float, count: float) -> Share:
    """Return a share of ``count`` cases with Wilson's 90 % interval (Wilson, JASA 1927)."""
    middle = (share + Z90**2 / (2 * count)) / (1 + Z90**2 / count)
    half = Z90 * sqrt(share * (1 - share) / count + Z90**2 / (4 * count**2)) / (1 + Z90**2 / count)
    return Share(share, max(0.0, middle - half), min(1.0, middle + half))
