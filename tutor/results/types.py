"""Results as their page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from tutor.models import Course, RegradeRequest, Release, Submission
from tutor.results.pieces import Piece
from tutor.work.lateness import Deduction
from tutor.work.rows import AnswerRow


@dataclass(frozen=True, slots=True)
class LevelRow:
    label: str
    points: Decimal
    description: str
    reached: bool


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion with the level that was given. ``letter`` marks its evidence in the answer, empty without any.

    ``missing`` are words of the rubric that a better answer would have; ``better`` describes the next level up.
    """

    text: str
    points: Decimal
    most: Decimal
    levels: tuple[LevelRow, ...]
    letter: str
    missing: tuple[str, ...]
    better: str


@dataclass(frozen=True, slots=True)
class NoteRow:
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message of a regrade thread, by whom in plain words."""

    who: str
    by_learner: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RegradeRow:
    request: RegradeRequest
    messages: tuple[MessageRow, ...]

    @property
    def is_open(self) -> bool:
        return self.request.state == RegradeRequest.State.OPEN


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One answer with its mark; ``points`` is None where it has none. ``decided`` says who decided, and how."""

    answer_id: UUID
    row: AnswerRow
    pieces: tuple[Piece, ...]
    points: Decimal | None
    most: Decimal
    criteria: tuple[CriterionRow, ...]
    decided: str
    certainty: str
    feedback: str
    feedback_origin: str
    notes: tuple[NoteRow, ...]
    regrades: tuple[RegradeRow, ...]
    may_ask: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier release of the same work."""

    released_at: datetime
    withdrawn_at: datetime | None
    points: Decimal


@dataclass(frozen=True, slots=True)
class Results:
    """A submission's released results; ``release`` is None while there are none."""

    submission: Submission
    course: Course
    is_own: bool
    learner_name: str
    release: Release | None
    rows: tuple[ResultRow, ...] = ()
    points: Decimal = Decimal(0)
    most: Decimal = Decimal(0)
    deduction: Deduction | None = None
    ask_until: datetime | None = None
    earlier: tuple[Earlier, ...] = ()
    # The number of a later attempt that was handed in and counts instead; 0 if there is none.
    counts_instead: int = 0

    @property
    def is_complete(self) -> bool:
        return all(row.points is not None for row in self.rows)
