"""What the grouping of answers gives back. Plain frozen data, as in ``tutor.marking.types``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group of alike answers. ``sample`` and ``odd_sample`` are texts of a few members, ``exemplar_id`` its middle.

    ``points`` counts the members' proposals by points, ``confidence`` is their mean; ``mixed`` says that they differ.
    """

    id: UUID
    name: str
    size: int
    unmarked: int
    purity: float | None
    odd: int
    mixed: bool
    points: Mapping[str, int]
    confidence: float
    made_by_hand: bool
    exemplar_id: UUID | None
    sample: tuple[str, ...] = ()
    odd_sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberView:
    """An answer in a group, with its text."""

    answer_id: UUID
    pseudonym: str
    text: str
    odd: bool
    marked: bool
    points: Decimal | None


SkipReason = Literal["marked", "changed", "locked"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A member that the act leaves out, and why: marked already, changed since, or open at another marker."""

    answer_id: UUID
    pseudonym: str
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class GroupPreview:
    """Who would get what. ``digest`` goes back with the act, which is refused when it would do anything else."""

    group_id: UUID | None
    points: Decimal | None
    levels: Mapping[str, str]
    takes: tuple[tuple[UUID, str], ...]
    skipped: tuple[Skipped, ...]
    overridden: int
    digest: str

    @property
    def count(self) -> int:
        """How many answers get a mark."""
        return len(self.takes)


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing an act did; ``kept`` marks had been replaced by people since and stay."""

    withdrawn: int
    kept: int


@dataclass(frozen=True, slots=True)
class JobView:
    """Long work on a question: "groups"."""

    id: UUID
    kind: str
    state: str
    total: int
    done: int
    error_code: str
    created_at: datetime
