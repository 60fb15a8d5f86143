"""``manage.py evaluate tracing``: predict each response of learners never seen from what came before it."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from llmasos.retrieval.evaluators import EvaluationError, Progress
from tutor.tracing.histories import HistoriesError, History, read_histories

if TYPE_CHECKING:
    import numpy as np
    from django_stubs_ext import StrOrPromise
    from numpy.typing import NDArray

_RESAMPLES = 200


class TracingEvaluator:
    help: StrOrPromise = _("Predict responses of learners: three lines a learner (count, skill ids, 0 or 1 for each).")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--train", required=True, type=Path, metavar="FILE")
        parser.add_argument("--test", required=True, type=Path, metavar="FILE")

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        try:
            train, test = read_histories(options["train"]), read_histories(options["test"])
        except HistoriesError as error:
            raise EvaluationError(str(error)) from error
        return measure(train, test, progress)


def measure(train: Sequence[History], test: Sequence[History], progress: Progress) -> Mapping[str, Any]:
    """Fit on one set of learners, predict the other; intervals resample learners. Raises EvaluationError."""
    import numpy as np
    from sklearn.metrics import log_loss

    from tutor.tracing import logistic

    started = time.monotonic()
    correct = np.array([one for history in test for one in history.correct])
    if len(set(correct.tolist())) < 2:
        raise EvaluationError("All responses of the test file are alike: there is nothing to tell apart.")
    progress(f"fitting on {sum(map(len, train))} responses of {len(train)} learners")
    try:
        model = logistic.fit(train)
    except ValueError as error:
        raise EvaluationError(f"The training file cannot be used: {error}.") from error
    chances = model.probabilities(test)
    progress(f"predicted {len(correct)} responses of {len(test)} learners")
    figures = {
        "auc": _auc(correct, chances),
        "accuracy": float(np.mean((chances >= 0.5) == correct)),
        "log_loss": float(log_loss(correct, chances)),
    }
    return {
        "n": len(correct),
        "learners": len(test),
        **{name: round(value, 4) for name, value in figures.items()},
        "ci95": _intervals(correct, chances, [len(history) for history in test]),
        "seconds": round(time.monotonic() - started, 2),
    }


def _auc(correct: NDArray[np.int_], chances: NDArray[np.float64]) -> float:
    """The area under the curve by ranks, ties shared: what scikit-learn gives, quick enough to resample."""
    from scipy.stats import rankdata

    right = int(correct.sum())
    wrong = len(correct) - right
    if not right or not wrong:
        return 0.5
    ranks = rankdata(chances)
    return float((ranks[correct == 1].sum() - right * (right + 1) / 2) / (right * wrong))


def _intervals(
    correct: NDArray[np.int_], chances: NDArray[np.float64], lengths: Sequence[int]
) -> Mapping[str, list[float]]:
    import numpy as np
    from sklearn.metrics import log_loss

    generator = np.random.default_rng(0)
    ends = np.cumsum(lengths)
    parts = [np.arange(end - length, end) for end, length in zip(ends, lengths, strict=True) if length]
    drawn: dict[str, list[float]] = {"auc": [], "accuracy": [], "log_loss": []}
    for _resample in range(_RESAMPLES):
        rows = np.concatenate([parts[number] for number in generator.integers(0, len(parts), len(parts))])
        drawn["auc"].append(_auc(correct[rows], chances[rows]))
        drawn["accuracy"].append(float(np.mean((chances[rows] >= 0.5) == correct[rows])))
        drawn["log_loss"].append(float(log_loss(correct[rows], chances[rows], labels=[0, 1])))
    return {
        name: [round(float(np.quantile(values, share)), 4) for share in (0.025, 0.975)]
        for name, values in drawn.items()
    }
