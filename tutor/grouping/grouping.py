"""Groups of alike answers, each around one of them; with the odd ones out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tutor.engine.types import Response
from tutor.grouping.propagation import Propagation
from tutor.grouping.similarity import agreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tutor.grouping.similarity import Embed, Numbers

GROUPS = 20
_ODD_BELOW = 0.55
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Answers that say nearly the same as their exemplar, which is one of them.

    ``purity`` is the share of members expected to deserve the exemplar's mark (0 to 1), from how alike they are.
    ``odd_ids`` are members that are nearly as like another group, or little like their own.
    """

    exemplar_id: str
    member_ids: tuple[str, ...]
    purity: float
    odd_ids: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.member_ids)


@dataclass(frozen=True, slots=True)
class Grouping:
    """All answers, each in one group; the largest group first."""

    groups: tuple[Group, ...]


def group(
    answers: Sequence[Response], *, embed: Embed, count: int = GROUPS, references: Sequence[str] = ()
) -> Grouping:
    """Put answers into at most ``count`` groups; ``embed`` gives a vector a text, (n, d).

    Equal answers (but for case, punctuation, accents, articles) are always together. Exemplars are medoids weighted by
    the number of equal answers, begun at the answers that say most about the others; references take no part in what
    is alike, only in where to begin.
    """
    if not answers:
        return Grouping(())
    space = Propagation(answers, embed=embed, references=references)
    exemplars = _medoids(space.alike, space.count, _spread(space.alike, space.count, count))
    nearest = np.argmax(space.alike[:, exemplars], axis=1)
    nearest[exemplars] = np.arange(len(exemplars))
    found = [_group(space, exemplars, number, np.flatnonzero(nearest == number)) for number in range(len(exemplars))]
    return Grouping(tuple(sorted(found, key=lambda one: (-one.size, one.exemplar_id))))


def _spread(alike: Numbers, weight: Numbers, count: int) -> list[int]:
    """Choose answers one after the other so that all answers are as like one of them as can be (facility location)."""
    chosen: list[int] = []
    covered = np.zeros(len(alike), dtype=np.float32)
    for _ in range(min(count, len(alike))):
        gain = weight @ np.maximum(alike - covered[:, None], 0.0)
        gain[chosen] = -1.0
        best = int(np.argmax(gain))
        chosen.append(best)
        covered = np.maximum(covered, alike[:, best])
    return chosen


def _medoids(alike: Numbers, weight: Numbers, chosen: Sequence[int]) -> list[int]:
    exemplars = list(chosen)
    for _ in range(_ROUNDS):
        nearest = np.argmax(alike[:, exemplars], axis=1)
        nearest[exemplars] = np.arange(len(exemplars))
        moved = []
        for number in range(len(exemplars)):
            members = np.flatnonzero(nearest == number)
            moved.append(int(members[np.argmax(weight[members] @ alike[np.ix_(members, members)])]))
        if moved == exemplars:
            break
        exemplars = moved
    return exemplars


def _group(space: Propagation, exemplars: list[int], number: int, rows: NDArray[np.intp]) -> Group:
    exemplar = exemplars[number]
    own = space.alike[rows, exemplar]
    others = np.delete(space.alike[rows][:, exemplars], number, axis=1)
    rival = others.max(axis=1) if others.shape[1] else np.zeros(len(rows), dtype=np.float32)
    astray = (own < np.maximum(_ODD_BELOW, rival)) & (rows != exemplar)
    odd = set(rows[astray].tolist())
    weight = space.count[rows]
    agreed = np.where(rows == exemplar, 1.0, agreement(own))
    inside = set(rows.tolist())
    members = [(answer.id, row) for answer, row in zip(space.answers, space.row.tolist(), strict=True) if row in inside]
    return Group(
        exemplar_id=space.answers[space.first[exemplar]].id,
        member_ids=tuple(name for name, _row in members),
        purity=float(np.average(agreed, weights=weight)),
        odd_ids=tuple(name for name, row in members if row in odd),
    )
