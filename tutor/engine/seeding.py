"""Which answers a teacher should mark first: spread over what the class wrote, most where the machine is least sure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tutor.engine import neighbours
from tutor.engine.features import Vectors
from tutor.engine.types import Response

Embed = Callable[[Sequence[str]], Any]
USUAL = 8
# An answer of which the machine is sure counts this much, beside one that might as well be right as wrong; and how far
# from that the doubt reaches.
_SURE, _DOUBT = 0.2, 0.25


def seeds(
    responses: Sequence[Response],
    *,
    embed: Embed,
    count: int = USUAL,
    vectors: Vectors | None = None,
    confidence: Mapping[str, float] | None = None,
) -> list[str]:
    """Return the ids of ``count`` answers (fewer where there are fewer different ones) that stand for all of them.

    Medoids over the similarity of answers, blank ones left out; the one that stands for most others first. With
    ``confidence`` (by answer, 0.5 to 1, before there are marks) answers count by how unclear they are.
    """
    distinct: dict[str, list[str]] = {}
    for response in responses:
        if response.text.strip():
            distinct.setdefault(" ".join(response.text.split()).casefold(), []).append(response.id)
    texts = list(distinct)
    if not texts:
        return []
    weight = np.array([len(distinct[one]) for one in texts], dtype=np.float64)
    if confidence is not None:
        sure = np.array([confidence.get(distinct[one][0], 1.0) for one in texts])
        weight *= _SURE + np.exp(-(((sure - 0.5) / _DOUBT) ** 2))
    alike = neighbours.alike(texts, texts, vectors or Vectors(embed))
    chosen = neighbours.medoids(alike, weight, count)
    near = neighbours.nearest(alike, chosen)
    stands_for = [weight[near == number].sum() for number in range(len(chosen))]
    return [distinct[texts[chosen[number]]][0] for number in np.argsort(stands_for)[::-1]]
