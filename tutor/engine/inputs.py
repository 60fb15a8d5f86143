"""The numbers that a model sees of answers: features of their own, of their meaning against the reference, of marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tutor.engine import features, kin, neighbours
from tutor.engine.features import Vectors
from tutor.engine.similarity import Floats

NONE: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Inputs:
    """Answers as numbers: ``own`` [answers, features], ``meaning`` and ``pairs`` [answers, 2 x dimensions]."""

    names: tuple[str, ...]
    own: Floats
    meaning: Floats
    pairs: kin.Numbers

    def __len__(self) -> int:
        return len(self.own)


def inputs(prompt: str, references: Sequence[str], answers: Sequence[str], vectors: Vectors) -> Inputs:
    """Return the inputs of answers that were marked by nobody. Without a reference the question stands for it."""
    wanted = [one for one in references if one.strip()] or [prompt]
    found = features.cold(prompt, wanted, answers, vectors)
    names = tuple(sorted(found))
    given, reference = vectors.of(answers), vectors.of(wanted).mean(axis=0)
    return Inputs(
        names,
        np.stack([found[name] for name in names], axis=1),
        np.hstack([np.abs(given - reference), given * reference]),
        kin.pairs(given, reference),
    )


def marks_heard(
    answers: Sequence[str], marked: Sequence[str], outcomes: Floats, vectors: Vectors, own: Mapping[int, int] = NONE
) -> Floats:
    """Return what marked answers say about answers. One whose row is in ``own`` is that marked one and is not heard."""
    similarities = neighbours.alike(answers, marked, vectors)
    usable = np.ones_like(similarities, dtype=bool)
    usable[list(own), list(own.values())] = False
    return neighbours.heard(similarities, outcomes, usable)
