"""The global model: two learners over features, meaning and marked neighbours, averaged and calibrated.

A logistic regression (with the meaning of answer and reference beside the features) and boosted trees (without). Kept
without pickle, by skops; a file says with which version of scikit-learn it was made and is refused under another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tutor.engine import kin
from tutor.engine.inputs import Inputs
from tutor.engine.kin import Kin
from tutor.engine.similarity import Floats
from tutor.engine.tricks import Tricks

Situation = Literal["cold", "neighbours"]
CORRECT, INCORRECT = "correct", "incorrect"
_CARRIED = 0.75


class ModelFileError(Exception):
    """A model's file cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores of outcomes to probabilities: log-odds times ``slope`` plus ``shift``, by outcome."""

    slope: float
    shift: tuple[float, ...]

    def apply(self, chances: Floats) -> Floats:
        """Return calibrated probabilities [answers, outcomes]."""
        logits = np.log(np.clip(chances, 1e-6, 1.0)) * self.slope + np.array(self.shift)
        grown = np.exp(logits - logits.max(axis=1, keepdims=True))
        result: Floats = grown / grown.sum(axis=1, keepdims=True)
        return result


@dataclass(frozen=True, slots=True)
class GlobalModel:
    """A fitted model of verdicts. ``outcomes`` are the verdicts in the order of the columns.

    ``weights`` multiply the probabilities before the verdict is chosen: rare verdicts are otherwise never given.
    ``tricks`` finds answers put together from a reference's words; None where the training texts taught none of it.
    ``kin`` is heard with the share ``kin_share`` where a question has no marks; None where what was learnt from may not
    be kept, or says nothing of other questions.
    """

    outcomes: tuple[str, ...]
    names: tuple[str, ...]
    logistic: Any
    trees: Any
    calibrations: Mapping[str, Calibration]
    weights: tuple[float, ...]
    tricks: Tricks | None = None
    kin: Kin | None = None
    kin_share: float = 0.0
    digest: str = ""

    def parts(self, inputs: Inputs, heard: Floats) -> tuple[Floats, Floats]:
        """Return what each of the two learners says, [answers, outcomes], before calibration."""
        if inputs.names != self.names:
            raise ModelFileError("The model was fitted with other features: train it anew with manage.py tutor train.")
        seen = np.hstack([inputs.own, heard])
        return self.logistic.predict_proba(np.hstack([seen, inputs.meaning])), self.trees.predict_proba(seen)

    def raw(self, inputs: Inputs, heard: Floats) -> Floats:
        """Return the mean of both learners, [answers, outcomes], before calibration."""
        first, second = self.parts(inputs, heard)
        result: Floats = (first + second) / 2
        return result

    def chances(self, inputs: Inputs, heard: Floats, moved: Floats) -> Floats:
        """Return calibrated probabilities [answers, outcomes]; rows without neighbours are calibrated as cold.

        ``moved`` is by how much the marks move what both learners say without them: ``neighbours.carried``.
        """
        with_marks = heard[:, -1] > 0
        without = self.raw(inputs, np.zeros_like(heard))
        alone = without
        if self.kin is not None:
            alone = kin.mixed(without, self.kin.heard(inputs.pairs), self.kin_share)
        result = self.calibrations["cold"].apply(alone)
        if with_marks.any():
            mixed = mixture(self.raw(inputs, heard), without + moved)
            result[with_marks] = self.calibrations["neighbours"].apply(mixed[with_marks])
        return result

    def verdicts(self, chances: Floats) -> np.ndarray[Any, np.dtype[np.intp]]:
        """Return the column of the verdict of each answer."""
        return np.asarray(np.argmax(chances * np.array(self.weights), axis=1))


def mixture(said: Floats, carried: Floats) -> Floats:
    """Mix what the learners say with marks beside them and what the marks make of that which they say without."""
    result: Floats = (1 - _CARRIED) * said + _CARRIED * np.clip(carried, 0.0, 1.0)
    return result


def save(model: GlobalModel, path: Path, *, card: Mapping[str, Any]) -> str:
    """Write a model and its card (source, licence, figures) into one file; return the file's SHA-256."""
    import sklearn
    import skops.io

    body = {
        "version": sklearn.__version__,
        "outcomes": list(model.outcomes),
        "names": list(model.names),
        "weights": list(model.weights),
        "calibrations": json.dumps({name: [one.slope, list(one.shift)] for name, one in model.calibrations.items()}),
        "card": json.dumps(dict(card), ensure_ascii=False),
        "logistic": model.logistic,
        "trees": model.trees,
    }
    if model.tricks is not None:
        body |= {"fluency": model.tricks.fluency, "tricks": model.tricks.trees, "limit": model.tricks.limit}
    if model.kin is not None:
        body["kin"] = [model.kin.pairs.astype(np.float16), model.kin.pulls, model.kin.mean]
        body["kin_share"] = model.kin_share
    skops.io.dump(body, path, compression=8)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load(path: Path) -> GlobalModel:
    """Read a model's file. Raises ModelFileError as ``read``, and where there is no file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{path.name} cannot be read: {error}.") from error
    return read(content, name=path.name)


def read(content: bytes, *, name: str) -> GlobalModel:
    """Read a model. Raises ModelFileError for a damaged one or one of another version of scikit-learn."""
    import sklearn
    import skops.io

    try:
        types = skops.io.get_untrusted_types(data=content)
        # Nothing of a file is trusted beyond what scikit-learn's own estimators are made of.
        foreign = [one for one in types if not one.startswith("sklearn.")]
        body = skops.io.loads(content, trusted=types) if not foreign else {}
    except Exception as error:
        raise ModelFileError(f"{name} is no model of the tutor, or damaged: {error}.") from error
    if foreign:
        raise ModelFileError(f"{name} holds what no model of ours does: {', '.join(foreign)}.")
    if body["version"] != sklearn.__version__:
        raise ModelFileError(
            f"{name} was made with scikit-learn {body['version']}, here is {sklearn.__version__}:"
            " train it anew with manage.py tutor train."
        )
    return GlobalModel(
        tuple(body["outcomes"]),
        tuple(body["names"]),
        body["logistic"],
        body["trees"],
        {one: Calibration(slope, tuple(shift)) for one, (slope, shift) in json.loads(body["calibrations"]).items()},
        tuple(body["weights"]),
        Tricks(body["fluency"], body["tricks"], body["limit"]) if "tricks" in body else None,
        Kin(*(one.astype(np.float32) for one in body["kin"])) if "kin" in body else None,
        body.get("kin_share", 0.0),
        hashlib.sha256(content).hexdigest(),
    )
