"""Which answers a teacher should mark first: spread over what the class wrote, not the first ones of the alphabet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tutor.engine import neighbours
from tutor.engine.features import Vectors
from tutor.engine.similarity import Floats
from tutor.engine.types import Question, Response

Embed = Callable[[Sequence[str]], Any]
USUAL = 8
_ROUNDS = 5


def seeds(
    question: Question,
    responses: Sequence[Response],
    *,
    embed: Embed,
    count: int = USUAL,
    vectors: Vectors | None = None,
) -> list[str]:
    """Return the ids of ``count`` answers (fewer where there are fewer different ones) that stand for all of them.

    Medoids over the similarity of answers (Kaufman and Rousseeuw 1990), blank answers left out, the one that stands for
    most others first.
    """
    distinct: dict[str, list[str]] = {}
    for response in responses:
        if response.text.strip():
            distinct.setdefault(" ".join(response.text.split()).casefold(), []).append(response.id)
    texts = list(distinct)
    if not texts:
        return []
    weight = np.array([len(distinct[one]) for one in texts], dtype=np.float64)
    alike = neighbours.alike(texts, texts, vectors or Vectors(embed))
    chosen = _medoids(alike, weight, min(count, len(texts)))
    nearest = np.argmax(alike[:, chosen], axis=1)
    stands_for = [weight[nearest == number].sum() for number in range(len(chosen))]
    return [distinct[texts[chosen[number]]][0] for number in np.argsort(stands_for)[::-1]]


def _medoids(alike: Floats, weight: Floats, count: int) -> list[int]:
    chosen: list[int] = []
    covered = np.zeros(len(alike))
    for _ in range(count):
        gain = weight @ np.maximum(alike - covered[:, None], 0.0)
        gain[chosen] = -1.0
        chosen.append(int(np.argmax(gain)))
        covered = np.maximum(covered, alike[:, chosen[-1]])
    for _ in range(_ROUNDS):
        nearest = np.argmax(alike[:, chosen], axis=1)
        nearest[chosen] = np.arange(count)
        moved = []
        for number in range(count):
            members = np.flatnonzero(nearest == number)
            moved.append(int(members[np.argmax(weight[members] @ alike[np.ix_(members, members)])]))
        if moved == chosen:
            break
        chosen = moved
    return chosen
