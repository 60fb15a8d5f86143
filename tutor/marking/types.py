"""What marking gives back. Plain frozen data; points are ``Decimal`` with two places, shares run from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal
from uuid import UUID

if TYPE_CHECKING:
    from tutor.notes.queries import NoteView

MarkKind = Literal["first", "second", "final"]
QueueName = Literal["all", "seed", "confirm", "review", "must", "marked"]
QUEUES: tuple[QueueName, ...] = ("all", "seed", "confirm", "review", "must", "marked")


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


@dataclass(frozen=True, slots=True)
class LevelView:
    """One level of a criterion; ``points`` are of the question, after weighting."""

    id: str
    label: str
    points: Decimal
    description: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion of a rubric, its levels in the rubric's order; ``points`` is the most that it gives."""

    id: str
    text: str
    points: Decimal
    levels: tuple[LevelView, ...]


@dataclass(frozen=True, slots=True)
class RubricView:
    """A version of a rubric. Without criteria the answer is marked by points as a whole."""

    id: UUID
    number: int
    digest: str
    references: tuple[str, ...]
    criteria: tuple[CriterionView, ...]


@dataclass(frozen=True, slots=True)
class CriterionProposalView:
    """The ghost value of one criterion. ``start`` and ``end`` bound the evidence in the answer's text; None without."""

    criterion: str
    level: str
    points: Decimal
    confidence: float
    start: int | None = None
    end: int | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NeighbourView:
    """An alike answer that a person has marked, with its text."""

    answer_id: UUID
    text: str
    points: Decimal
    similarity: float


@dataclass(frozen=True, slots=True)
class ProposalView:
    """What the applied run proposes. ``decision`` "none" means: please mark, for ``reason`` (a code of the engine)."""

    id: UUID
    run_id: UUID
    decision: str
    reason: str
    situation: str
    points: Decimal | None
    confidence: float
    criteria: tuple[CriterionProposalView, ...]
    neighbours: tuple[NeighbourView, ...]
    model_digest: str

    @property
    def levels(self) -> dict[str, str]:
        """The proposed level of each criterion."""
        return {one.criterion: one.level for one in self.criteria if one.criterion and one.level}


@dataclass(frozen=True, slots=True)
class MarkView:
    """A mark of a person. ``marker`` is the marker's name; ``withdrawn_at`` is None while it stands."""

    id: UUID
    kind: MarkKind
    origin: str
    marker_id: UUID | None
    marker: str
    levels: Mapping[str, str]
    points: Decimal
    feedback: str
    feedback_drafted: bool
    override_reason: str
    created_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that was handed in with the answer; its words are in the answer's text.

    ``name`` is empty while the marker does not know whose it is: what a learner called it may say who they are.
    """

    id: UUID
    name: str
    media_type: str
    size: int

    @property
    def kind(self) -> str:
        """What it is, as people call it."""
        return {"application/pdf": "PDF", "text/plain": "TXT"}.get(self.media_type, "DOCX")


@dataclass(frozen=True, slots=True)
class EarlierView:
    """Where a draft's words on another answer came from. ``words`` are the marker's, as far as they stand in it.

    ``marker`` is empty where they are the reader's own. ``alike`` is from 0 to 1.
    """

    answer_id: UUID
    marker: str
    alike: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DraftView:
    """Feedback that the machine drafted, for these levels by criterion. ``own`` says that it quotes kept comments."""

    text: str
    levels: Mapping[str, str]
    own: bool
    earlier: EarlierView | None = None


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer as a marker sees it: no name unless it was revealed to this marker.

    ``digest`` goes back as ``expected_digest``, and the id of ``mark`` as ``expected_mark_id``. For a second marker
    (``kind`` "second") ``mark`` is their own kind's mark, and proposal, first mark and neighbours are left out.
    ``history`` has every mark, the latest first.
    """

    id: UUID
    question_id: UUID
    assignment_id: UUID
    course_id: UUID
    submission_id: UUID
    pseudonym: str
    name: str
    text: str
    choices: tuple[str, ...]
    digest: str
    files: tuple[FileView, ...]
    prompt: str
    question_kind: str
    options: tuple[Mapping[str, object], ...]
    max_points: Decimal
    rubric: RubricView | None
    kind: MarkKind
    proposal: ProposalView | None
    mark: MarkView | None
    current: MarkView | None
    history: tuple[MarkView, ...]
    notes: tuple[NoteView, ...]
    draft: DraftView | None
    lock: LockState
    group_id: UUID | None
    needs_second: bool
    needs_moderation: bool
    superseded: bool
    released: bool
    late_seconds: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a question is. ``left`` is None before there are enough marks to tell the pace from."""

    total: int
    marked: int
    moderation: int
    second_wanted: int
    second_given: int
    left: timedelta | None


@dataclass(frozen=True, slots=True)
class QueueState:
    """The ids of one queue, in the order in which everybody marks, and how many each queue holds.

    "seed" are answers that the engine would like to have marked first; "confirm" those whose proposal is sure enough
    to be confirmed at a glance; "review" the other proposals; "must" those without one; "marked" those with a mark of
    the asked kind. An answer is in one of them; "all" holds every answer.
    """

    queue: QueueName
    ids: tuple[UUID, ...]
    counts: Mapping[str, int]
    progress: Progress


@dataclass(frozen=True, slots=True)
class RunView:
    """A run of the engine. ``waiting`` is True when it is done and a person has to apply it."""

    id: UUID
    reason: str
    state: str
    total: int
    done: int
    error_code: str
    rubric_number: int
    model_digest: str
    marks_seen: int
    created_at: datetime
    finished_at: datetime | None
    applied: bool
    waiting: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """One answer on which two runs differ; ``points_*`` are None where that run proposes nothing."""

    answer_id: UUID
    points_a: Decimal | None
    points_b: Decimal | None
    marked: bool


@dataclass(frozen=True, slots=True)
class RunDifference:
    """What applying run B in the place of run A would change.

    Marked answers are counted apart: their marks stay. ``mean_change`` is in points, over those that both propose for.
    ``confirm_a`` and ``confirm_b`` are how many unmarked answers would only be confirmed: a dial that was set on A's
    rubric and model does not hold for another.
    """

    run_a: RunView | None
    run_b: RunView
    same: int
    raised: int
    lowered: int
    gained: int
    lost: int
    marked_differ: int
    mean_change: Decimal
    confirm_a: int
    confirm_b: int
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class SubmissionState:
    """One submission on the release page; ``points`` is the sum of the current marks, None while one is missing.

    ``changed`` says that marks have changed since the release: releasing again shows them.
    """

    submission_id: UUID
    pseudonym: str
    points: Decimal | None
    max_points: Decimal
    late_seconds: int
    missing: tuple[tuple[UUID, str], ...]
    released_at: datetime | None
    changed: bool


@dataclass(frozen=True, slots=True)
class BatchView:
    """A release in bulk that can be taken back as one."""

    batch: UUID
    released_at: datetime
    released_by: str
    count: int
    standing: int


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """The release page of an assignment."""

    assignment_id: UUID
    submissions: tuple[SubmissionState, ...]
    ready: int
    incomplete: int
    released: int
    batches: tuple[BatchView, ...]


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of a regrade thread; ``by_learner`` tells the sides apart, ``author`` is a marker's name or empty."""

    by_learner: bool
    author: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RegradeView:
    """A regrade request with the mark that counts.

    Whoever decides sees it, second markers too. ``work`` is the assignment's title, ``prompt`` the
    question. ``mine``: this person may decide; ``alone``: though they gave the mark,
    because nobody else marks in the course.
    """

    id: UUID
    answer_id: UUID
    question_id: UUID
    assignment_id: UUID
    course_id: UUID
    work: str
    prompt: str
    pseudonym: str
    state: str
    mine: bool
    alone: bool
    mark: MarkView | None
    max_points: Decimal
    created_at: datetime
    resolved_at: datetime | None
    messages: tuple[MessageView, ...] = ()
