"""Figures of agreement between verdicts or scores, as the evaluation of grading prints them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 10
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.2)
_RESAMPLES = 400


def calibration_error(right: NDArray[np.bool_], confidence: NDArray[np.float64]) -> float:
    """Return the expected calibration error of the top label over ten equal bins (Guo and others 2017)."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(right[bins == one].mean()) - float(confidence[bins == one].mean())) * float((bins == one).mean())
        for one in range(BINS)
        if (bins == one).any()
    ]
    return sum(gaps)


def coverage(right: NDArray[np.bool_], confidence: NDArray[np.float64]) -> list[dict[str, float]]:
    """Return the accuracy among the most confident share of answers, for several shares."""
    order = np.argsort(-confidence, kind="stable")
    return [
        {"coverage": share, "accuracy": round(float(right[order[: max(1, round(share * len(right)))]].mean()), 4)}
        for share in COVERAGES
    ]


def quadratic_kappa(given: NDArray[np.int_], true: NDArray[np.int_]) -> float | None:
    """Return quadratic weighted kappa (Cohen 1968); None where one category is all there is."""
    from sklearn.metrics import cohen_kappa_score

    if len({*given.tolist(), *true.tolist()}) < 2:
        return None
    return float(cohen_kappa_score(true, given, weights="quadratic"))


def pearson(given: NDArray[np.float64], true: NDArray[np.float64]) -> float | None:
    """Return Pearson's r; None where one side does not vary."""
    if given.std() < 1e-12 or true.std() < 1e-12:
        return None
    return float(np.corrcoef(given, true)[0, 1])


def intervals(
    measures: Mapping[str, Callable[[NDArray[np.intp]], float | None]], groups: Sequence[str]
) -> dict[str, list[float]]:
    """Return 95 % bootstrap intervals; each measure takes row numbers. Answers are resampled within the file."""
    generator = np.random.default_rng(0)
    count = len(groups)
    drawn: dict[str, list[float]] = {name: [] for name in measures}
    for _resample in range(_RESAMPLES):
        rows = generator.integers(0, count, count)
        for name, measure in measures.items():
            value = measure(rows)
            if value is not None:
                drawn[name].append(value)
    return {
        name: [round(float(np.quantile(values, share)), 4) for share in (0.025, 0.975)]
        for name, values in drawn.items()
        if values
    }


def rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Round fractions to four places, for printing."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
