"""Groups of alike answers, each around one of them; with the odd ones out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tutor.engine import neighbours
from tutor.engine.types import Response
from tutor.grouping.propagation import Propagation
from tutor.grouping.similarity import agreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tutor.grouping.similarity import Embed

GROUPS = 20
_ODD_BELOW = 0.5


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
    answers: Sequence[Response],
    *,
    embed: Embed,
    count: int = GROUPS,
    references: Sequence[str] = (),
    prompt: str = "",
) -> Grouping:
    """Put answers into at most ``count`` groups; ``embed`` gives a vector a text, (n, d).

    Equal answers (but for case, punctuation, accents, articles) are always together. Exemplars are medoids weighted by
    the number of equal answers.
    """
    if not answers:
        return Grouping(())
    space = Propagation(answers, embed=embed, references=references, prompt=prompt)
    exemplars = neighbours.medoids(space.alike, space.count, count)
    nearest = neighbours.nearest(space.alike, exemplars)
    found = [_group(space, exemplars, number, np.flatnonzero(nearest == number)) for number in range(len(exemplars))]
    return Grouping(tuple(sorted(found, key=lambda one: (-one.size, one.exemplar_id))))


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
