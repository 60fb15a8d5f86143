"""What marking gives back. Plain frozen data; points are ``Decimal`` with two places, shares run from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

MarkKind = Literal["first", "second", "final"]


@dataclass(frozen=True, slots=True)
class LockState:
    """Who has an answer open. Without a lock ``who`` is empty and ``mine`` False."""

    mine: bool
    who: str = ""
    expires_at: datetime | None = None

    @property
    def blocked(self) -> bool:
        """Whether somebody else has it."""
        return not self.mine and self.expires_at is not None


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A submission that cannot be released yet, with what each question lacks.

    ``missing`` is (question id, "mark", "second" or "moderation").
    """

    submission_id: UUID
    pseudonym: str
    missing: tuple[tuple[UUID, str], ...]
