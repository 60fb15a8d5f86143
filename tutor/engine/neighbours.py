"""What the answers that a person has marked say about another answer to the same question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor.engine import similarity
from tutor.engine.features import Vectors
from tutor.engine.similarity import Floats

Likeness = NDArray[np.floating[Any]]
LEAST = 3
"""From this many marked answers on, they are heard."""
_MEANING = 0.75
_REACH = 0.12
_NEAREST = 3
_SAME = 0.985
_ROUNDS = 5
_SPREAD, _NOISE = 0.3, 0.3
_FEW = (3, 13)


def alike(answers: Sequence[str], others: Sequence[str], vectors: Vectors, *, letters: Floats | None = None) -> Floats:
    """Return how alike two sets of answers are, [answers, others], 0 to 1: by meaning and by letters.

    ``letters`` is ``similarity.gram_matrix`` of the two where it is at hand; it is used up.
    """
    if not answers or not others:
        return np.zeros((len(answers), len(others)))
    # In place: for thousands of answers each copy of the matrix takes longer than what is done with it.
    result = similarity.cosine(vectors.of(answers), vectors.of(others))
    np.clip(result, 0.0, 1.0, out=result)
    result *= _MEANING
    if letters is None:
        letters = similarity.gram_matrix(answers, others)
    letters *= 1 - _MEANING
    result += letters
    return result


def medoids(similarities: Likeness, weight: Likeness, count: int) -> list[int]:
    """Return the rows of at most ``count`` answers that together are most like all (Kaufman and Rousseeuw 1990).

    ``similarities`` is [answers, answers], ``weight`` how often each answer stands there. Chosen greedily, then moved
    to the middle of the answers nearest to each. What an answer adds only shrinks as others are chosen, so that an old
    figure is a bound, and few answers are looked at again (Minoux 1978).
    """
    chosen: list[int] = []
    covered = np.zeros(len(similarities), dtype=similarities.dtype)
    bound = weight @ np.maximum(similarities, 0.0)
    for _ in range(min(count, len(similarities))):
        looked_at: set[int] = set()
        while (best := int(np.argmax(bound))) not in looked_at:
            bound[best] = weight @ np.maximum(similarities[best] - covered, 0.0)
            looked_at.add(best)
        chosen.append(best)
        covered = np.maximum(covered, similarities[best])
        bound[best] = -1.0
    for _ in range(_ROUNDS):
        near = nearest(similarities, chosen)
        moved = []
        for number in range(len(chosen)):
            members = np.flatnonzero(near == number)
            moved.append(int(members[np.argmax(weight[members] @ similarities[np.ix_(members, members)])]))
        if moved == chosen:
            break
        chosen = moved
    return chosen


def nearest(similarities: Likeness, chosen: Sequence[int]) -> NDArray[np.intp]:
    """Return for each answer which of the chosen ones it is most like; a chosen one is its own."""
    near: NDArray[np.intp] = np.argmax(similarities[:, list(chosen)], axis=1)
    near[list(chosen)] = np.arange(len(chosen))
    return near


def handful(usable: NDArray[np.bool_], generator: np.random.Generator) -> NDArray[np.bool_]:
    """Return a random few of the usable marks of each answer, drawn anew for each: as when marking has just begun."""
    order = np.where(usable, generator.random(usable.shape), 2.0).argsort(axis=1).argsort(axis=1)
    kept: NDArray[np.bool_] = usable & (order < generator.integers(*_FEW, size=(len(usable), 1)))
    return kept


def width(outcomes: int) -> int:
    """Return how many features ``heard`` gives for this many outcomes."""
    return 4 * outcomes + 4


def heard(similarities: Floats, outcomes: Floats, usable: NDArray[np.bool_]) -> Floats:
    """Return features [answers, width] of marked neighbours.

    ``similarities`` is [answers, marked]; ``outcomes`` [marked, outcomes] holds a one in the column of each mark's
    verdict, or a single column with the share of the scale; ``usable`` [answers, marked] leaves an answer's own mark,
    and what is masked, out. A row with fewer than ``LEAST`` usable marks is all zeros.
    """
    count, kinds = similarities.shape[0], outcomes.shape[1]
    result = np.zeros((count, width(kinds)))
    if not similarities.shape[1]:
        return result
    for row in range(count):
        mine = usable[row]
        if mine.sum() < LEAST:
            continue
        near, given = similarities[row, mine], outcomes[mine]
        weights = np.exp((near - near.max()) / _REACH)
        order = np.argsort(-near)[:_NEAREST]
        shares = (weights @ given + 0.3 * given.mean(axis=0)) / (weights.sum() + 0.3)
        nearest = given[order].mean(axis=0)
        if kinds > 1:
            best = np.array([near[given[:, one] > 0].max(initial=0.0) for one in range(kinds)])
            mean = np.array([_mean_top(near[given[:, one] > 0]) for one in range(kinds)])
        else:
            best, mean = np.array([near.max()]), np.array([float(given[order[0], 0])])
        equal = near >= _SAME
        same = given[equal].mean(axis=0) if equal.any() else shares
        result[row] = np.concatenate(
            [shares, nearest - same, best, mean, [near.max(), _mean_top(near), np.log1p(mine.sum()), 1.0]]
        )
    return result


def carried(among: Floats, to: Floats, missed: Floats, own: Mapping[int, int]) -> Floats:
    """Return by how much marks move what was believed of answers before, [answers, outcomes].

    A Gaussian process over the likeness of answers (Rasmussen and Williams 2006, chapters 2 and 5). ``among`` [marked,
    marked] and ``to`` [answers, marked] are likenesses, ``missed`` [marked, outcomes] is by how much the marks differ
    from what was believed of those answers. An answer whose row is in ``own`` is that marked one: its mark is left out.
    """
    if len(missed) < LEAST:
        return np.zeros((len(to), missed.shape[1]))
    inverse = np.linalg.inv(np.exp((among - 1.0) / _SPREAD) + _NOISE * np.eye(len(among)))
    pulls = inverse @ missed
    result: Floats = np.exp((to - 1.0) / _SPREAD) @ pulls
    for row, mark in own.items():
        result[row] = missed[mark] - pulls[mark] / inverse[mark, mark]
    return result


def _mean_top(near: Floats) -> float:
    return float(np.sort(near)[-_NEAREST:].mean()) if near.size else 0.0
