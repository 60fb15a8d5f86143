"""Which answers a teacher should mark first: spread over what the class wrote, not the first ones of the alphabet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tutor.engine import neighbours
from tutor.engine.features import Vectors
from tutor.engine.types import Question, Response

Embed = Callable[[Sequence[str]], Any]
USUAL = 8


def seeds(
    question: Question,
    responses: Sequence[Response],
    *,
    embed: Embed,
    count: int = USUAL,
    vectors: Vectors | None = None,
) -> list[str]:
    """Return the ids of ``count`` answers (fewer where there are fewer different ones) that stand for all of them.

    Medoids over the similarity of answers, blank ones left out; the one that stands for most others first.
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
    chosen = neighbours.medoids(alike, weight, count)
    near = neighbours.nearest(alike, chosen)
    stands_for = [weight[near == number].sum() for number in range(len(chosen))]
    return [distinct[texts[chosen[number]]][0] for number in np.argsort(stands_for)[::-1]]
