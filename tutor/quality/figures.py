"""Figures of agreement and of questions, each with its 95 % interval. Pure functions of numbers.

Agreement is never called accuracy: a person's mark is what it is compared with, not the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST: Final = 10
"""Under this many nothing is said: neither a figure nor who it is about could be told apart from chance."""
BINS: Final = 10
STEPS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_Z: Final = 1.959963984540054
_RESAMPLES: Final = 400
_EQUAL: Final = 0.005


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval over ``n`` observations; all None where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def known(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Band:
    """Answers whose mark lies from ``start`` to ``end`` of the scale: how far their proposals agree and lean."""

    start: float
    end: float
    exact: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Bin:
    """Proposals of about the same confidence: the mean of it, and how many agree."""

    confidence: float
    agreed: Estimate


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two series of points for the same answers agree.

    ``exact`` and ``adjacent`` are shares (equal; at most one step apart), ``kappa`` is quadratic weighted kappa, and
    ``difference`` the standardised mean difference, positive where the first series is higher.
    """

    n: int
    exact: Estimate
    adjacent: Estimate
    kappa: Estimate
    difference: Estimate


def share_of(hits: int, count: int) -> Estimate:
    """Return a share with Wilson's interval (1927), which stays within 0 and 1 and works for few."""
    if not count:
        return Estimate(None, None, None, 0)
    share = hits / count
    spread = 1 + _Z**2 / count
    middle = (share + _Z**2 / (2 * count)) / spread
    half = _Z * float(np.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))) / spread
    return Estimate(share, min(max(0.0, middle - half), share), max(min(1.0, middle + half), share), count)


def mean_of(values: Sequence[float] | Floats, *, within: tuple[float, float] = (-np.inf, np.inf)) -> Estimate:
    """Return a mean with Student's interval, cut to where values can lie at all.

    Without an interval where the values do not differ, which says nothing of it.
    """
    from scipy.stats import t

    given = np.asarray(values, dtype=np.float64)
    if not len(given):
        return Estimate(None, None, None, 0)
    mean = float(given.mean())
    if len(given) < 2 or given.std() < 1e-12:
        return Estimate(mean, None, None, len(given))
    half = float(t.ppf(0.975, len(given) - 1) * given.std(ddof=1) / np.sqrt(len(given)))
    return Estimate(mean, max(mean - half, within[0]), min(mean + half, within[1]), len(given))


def mean_difference(left: Sequence[float], right: Sequence[float]) -> Estimate:
    """Return by how much the left mean is higher, with Welch's interval (1947); None for fewer than two on a side."""
    from scipy.stats import t

    one, other = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    count = len(one) + len(other)
    if min(len(one), len(other)) < 2:
        return Estimate(None, None, None, count)
    difference = float(one.mean() - other.mean())
    first, second = one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)
    error = float(first + second)
    if error < 1e-12:
        return Estimate(difference, None, None, count)
    freedom = error**2 / (first**2 / (len(one) - 1) + second**2 / (len(other) - 1))
    half = float(t.ppf(0.975, freedom) * np.sqrt(error))
    return Estimate(difference, difference - half, difference + half, count)


def agreement(first: Sequence[float], second: Sequence[float], *, step: float) -> Agreement:
    """Compare two series of points for the same answers. Kappa and difference are None where nothing varies."""
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    apart = np.abs(one - other)
    return Agreement(
        n=len(one),
        exact=share_of(int((apart < _EQUAL).sum()), len(one)),
        adjacent=share_of(int((apart < step + _EQUAL).sum()), len(one)),
        kappa=_resampled(one, other, _kappas),
        difference=_resampled(one, other, _differences),
    )


def quadratic_kappa(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return Cohen's kappa with quadratic weights (1968) over the points themselves; None where nothing varies."""
    one, other = np.atleast_2d(np.asarray(first, float)), np.atleast_2d(np.asarray(second, float))
    return _number(_kappas(one, other)[0]) if one.size else None


def standardised_difference(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the difference of the means over the pooled deviation (Williamson, Xi and Breyer 2012); None without."""
    one, other = np.atleast_2d(np.asarray(first, float)), np.atleast_2d(np.asarray(second, float))
    return _number(_differences(one, other)[0]) if one.shape[1] > 1 else None


def by_band(proposed: Sequence[float], given: Sequence[float], *, maximum: float) -> list[Band]:
    """Return agreement and mean difference (in points) by thirds of the scale, as people marked."""
    one, other = np.asarray(proposed, dtype=np.float64), np.asarray(given, dtype=np.float64)
    shares = other / maximum if maximum > 0 else np.zeros_like(other)
    found = []
    for number in range(3):
        rows = np.minimum((shares * 3 + 1e-9).astype(int), 2) == number
        equal = int((np.abs(one[rows] - other[rows]) < _EQUAL).sum())
        apart = mean_of(one[rows] - other[rows])
        found.append(Band(number / 3, (number + 1) / 3, share_of(equal, int(rows.sum())), apart))
    return found


def coverage(agreed: Sequence[bool], confidence: Sequence[float], *, total: int) -> list[tuple[float, Estimate]]:
    """Return how many of the most confident proposals agree, for shares of all ``total`` marked answers.

    The curve ends at the share for which there is a proposal at all.
    """
    order = np.argsort(-np.asarray(confidence, dtype=np.float64), kind="stable")
    right = np.asarray(agreed, dtype=bool)[order]
    found: list[tuple[float, Estimate]] = []
    for share in STEPS:
        count = min(round(share * total), len(right))
        if count and (not found or count > found[-1][1].n):
            found.append((count / total, share_of(int(right[:count].sum()), count)))
    return found


def calibration(agreed: Sequence[bool], confidence: Sequence[float]) -> list[Bin]:
    """Return, for ten equal bins of confidence, how many proposals in it agree; empty bins are left out."""
    right, sure = np.asarray(agreed, dtype=bool), np.asarray(confidence, dtype=np.float64)
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        Bin(float(sure[bins == one].mean()), share_of(int(right[bins == one].sum()), int((bins == one).sum())))
        for one in range(BINS)
        if (bins == one).any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the mean gap between confidence and agreement, weighted by the bins' sizes (Guo and others 2017)."""
    total = sum(one.agreed.n for one in bins)
    if not total:
        return None
    return sum(abs((one.agreed.value or 0.0) - one.confidence) * one.agreed.n for one in bins) / total


def item_rest(item: Sequence[float], rest: Sequence[float]) -> Estimate:
    """Return the correlation of a question with the others' sum (corrected point-biserial), by Fisher's transform."""
    one, other = np.asarray(item, dtype=np.float64), np.asarray(rest, dtype=np.float64)
    count = len(one)
    if count < 4 or one.std() < 1e-12 or other.std() < 1e-12:
        return Estimate(None, None, None, count)
    found = float(np.corrcoef(one, other)[0, 1])
    turned, half = float(np.arctanh(np.clip(found, -0.999999, 0.999999))), _Z / float(np.sqrt(count - 3))
    return Estimate(found, min(float(np.tanh(turned - half)), found), max(float(np.tanh(turned + half)), found), count)


def cronbach_alpha(scores: Sequence[Sequence[float]]) -> Estimate:
    """Return alpha (Cronbach 1951) of [submissions, questions] with Feldt's interval (1965).

    None with fewer than two questions or submissions, or where the sums do not vary.
    """
    from scipy.stats import f

    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2 or table.sum(axis=1).var() < 1e-12:
        return Estimate(None, None, None, len(scores))
    count, items = table.shape
    alpha = items / (items - 1) * (1 - table.var(axis=0, ddof=1).sum() / table.sum(axis=1).var(ddof=1))
    upper, lower = f.ppf((0.025, 0.975), count - 1, (count - 1) * (items - 1))
    return Estimate(float(alpha), float(1 - (1 - alpha) * lower), float(1 - (1 - alpha) * upper), count)


def _kappas(one: Floats, other: Floats) -> Floats:
    """Return kappa of each row; NaN where no disagreement would be expected by chance."""
    observed = ((one - other) ** 2).mean(axis=1)
    expected = one.var(axis=1) + other.var(axis=1) + (one.mean(axis=1) - other.mean(axis=1)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.where(expected > 1e-12, 1 - observed / expected, np.nan)
    return result


def _differences(one: Floats, other: Floats) -> Floats:
    """Return the standardised mean difference of each row; NaN where nothing varies."""
    pooled = np.sqrt((one.var(axis=1, ddof=1) + other.var(axis=1, ddof=1)) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.where(pooled > 1e-9, (one.mean(axis=1) - other.mean(axis=1)) / pooled, np.nan)
    return result


def _resampled(one: Floats, other: Floats, measure: Callable[[Floats, Floats], Floats]) -> Estimate:
    """Return a figure with its percentile interval over answers drawn anew (Efron 1979), always the same ones."""
    count = len(one)
    if count < 2:
        return Estimate(None, None, None, count)
    value = _number(measure(one[None], other[None])[0])
    if value is None:
        return Estimate(None, None, None, count)
    rows = np.random.default_rng(0).integers(0, count, (_RESAMPLES, count))
    drawn = measure(one[rows], other[rows])
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return Estimate(value, float(low), float(high), count)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
