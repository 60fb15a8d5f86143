"""What the pages of learning show. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutor.learning.passages import PassageView
from tutor.models import Course, Learner, LearningSettings


@dataclass(frozen=True, slots=True)
class SkillRow:
    """A skill of a learner. ``state`` is "few", "likely", "unsure" or "unlikely"; band and estimate in per cent."""

    name: str
    state: str
    said: str
    band: str
    responses: int
    low: int
    high: int
    at: int
    due_at: datetime
    is_due: bool

    @property
    def width(self) -> int:
        return max(1, self.high - self.low)


@dataclass(frozen=True, slots=True)
class AdviceRow:
    """A piece of advice with its grounds: the answer, what it missed, and the passage that says it."""

    id: UUID
    kind: str
    skill: str
    assignment: str
    submission_id: UUID | None
    number: int
    criterion: str
    passage: PassageView | None
    quote: str
    exercise_id: UUID | None
    last_at: datetime | None
    vetoed_at: datetime | None
    veto_reason: str
    vetoed_by: str


@dataclass(frozen=True, slots=True)
class Learning:
    """One learner in one course. ``is_waiting``: something changed that is not computed yet.

    ``unseen`` are the names of the skills to which there is no answer at all.
    """

    course: Course
    learner: Learner
    settings: LearningSettings
    skills: tuple[SkillRow, ...]
    unseen: tuple[str, ...]
    advice: tuple[AdviceRow, ...]
    vetoed: tuple[AdviceRow, ...]
    is_waiting: bool
    computed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SkillCounts:
    """How a course's learners stand with one skill: counts by state."""

    name: str
    likely: int
    unsure: int
    unlikely: int
    few: int


@dataclass(frozen=True, slots=True)
class LearnerLine:
    """A learner in the list of a course: in how many skills they stand how, and how much advice they are given."""

    learner_id: UUID
    name: str
    likely: int
    unsure: int
    unlikely: int
    few: int
    advice: int
    vetoed: int


@dataclass(frozen=True, slots=True)
class CourseLearning:
    """A course as its staff sees it; the learners of one page, and how many there are."""

    course: Course
    settings: LearningSettings
    skills: tuple[SkillCounts, ...]
    learners: tuple[LearnerLine, ...]
    total: int
