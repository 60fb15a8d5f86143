"""What the tutor answers: frozen and typed. Points are exact decimals; ids are texts; times carry their zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Term:
    """A period in which courses are taught."""

    id: str
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Course:
    """A class of learners. `learners` and `assignments` count them; `term` is an id."""

    id: str
    name: str
    code: str
    external_id: str
    language: str
    term: str | None
    archived: bool
    learners: int
    assignments: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Whose part in a course; `role` is "teacher", "assistant" or "second_marker"."""

    person: str
    role: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Learner:
    """A learner in a course."""

    id: str
    name: str
    email: str
    number: str
    section: str
    groups: tuple[str, ...]
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a class list did; `learners` are ids, in the order of the list."""

    added: int
    returned: int
    present: int
    learners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """Set work; `state` is "draft", "published" or "closed"."""

    id: str
    course: str
    title: str
    instructions: str
    state: str
    opens_at: datetime | None
    due_at: datetime | None
    anonymous: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Extension:
    """A later deadline of one learner."""

    learner: str
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question; `rubric` is the number of the version that holds now, None without one."""

    id: str
    assignment: str
    position: int
    kind: str
    prompt: str
    points: Decimal
    references: tuple[str, ...]
    skills: tuple[str, ...]
    rubric: int | None


@dataclass(frozen=True, slots=True)
class Rubric:
    """A version of a rubric, known by the digest of its content."""

    id: str
    number: int
    digest: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerDigest:
    """An answer's id and the SHA-256 digest of its content."""

    id: str
    question: str
    digest: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A frozen attempt with its digests; not `is_new`: the same work had been imported before."""

    submission: str
    learner: str
    attempt: int
    submitted_at: datetime
    digest: str
    is_new: bool
    answers: tuple[AnswerDigest, ...]


@dataclass(frozen=True, slots=True)
class Imports:
    """What an import did, in the order in which it was sent."""

    submissions: tuple[Imported, ...]


@dataclass(frozen=True, slots=True)
class Submission:
    """An attempt that counts, under its pseudonym; `late_seconds` after the learner's own deadline."""

    id: str
    assignment: str
    pseudonym: str
    attempt: int
    submitted_at: datetime
    handed_in_by: str
    late_seconds: int
    digest: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that counts, under the pseudonym of its attempt."""

    id: str
    question: str
    submission: str
    pseudonym: str
    text: str
    choices: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Run:
    """A pass of the engine. `state` is "queued", "running", "done" or "failed"; `applied`: markers see it."""

    id: str
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

    @property
    def finished(self) -> bool:
        """Whether it is at its end, well or not."""
        return self.state in {"done", "failed"}


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying a run would change: how many answers get more, less, a proposal at last, or none any more."""

    same: int
    raised: int
    lowered: int
    gained: int
    lost: int
    marked_differ: int
    mean_change: Decimal


@dataclass(frozen=True, slots=True)
class ProposedCriterion:
    """What is proposed for one criterion; `start` and `end` bound the evidence in the answer's text."""

    criterion: str
    level: str
    points: Decimal
    confidence: float
    start: int | None
    end: int | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunProposal:
    """A proposed mark for an answer; `decision` "none": please mark, for `reason`. A person decides.

    `confidence` is the calibrated chance that a marker agrees, from 0 to 1.
    """

    id: str
    answer: str
    decision: str
    reason: str
    situation: str
    points: Decimal | None
    confidence: float
    criteria: tuple[ProposedCriterion, ...]
    model_digest: str


@dataclass(frozen=True, slots=True)
class Group:
    """Answers that say the same, with a sample of them."""

    id: str
    name: str
    size: int
    unmarked: int
    purity: float | None
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The work of putting answers into groups; `state` is "queued", "running", "done" or "failed"."""

    id: str
    state: str
    total: int
    done: int
    error_code: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """Long work on a question; `state` is "queued", "running", "done" or "failed"."""

    id: str
    state: str
    total: int
    done: int
    error_code: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ChangedGroup:
    """A group that was named, split or merged."""

    id: str
    question: str
    name: str


@dataclass(frozen=True, slots=True)
class GroupMember:
    """An answer in a group, under its pseudonym."""

    answer: str
    pseudonym: str
    text: str
    odd: bool
    marked: bool
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark that a person gave; `levels` by criterion, empty where the points were given as a whole."""

    id: str
    answer: str
    kind: str
    origin: str
    levels: Mapping[str, str]
    points: Decimal
    feedback: str
    created_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class SubmissionState:
    """How far an attempt is; `points` is None while a mark is missing, `changed`: marks changed since the release."""

    submission: str
    pseudonym: str
    points: Decimal | None
    max_points: Decimal
    late_seconds: int
    released_at: datetime | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a regrade thread."""

    by_learner: bool
    author: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Regrade:
    """A request to have a released mark looked at again; `messages` only where it was read by its id."""

    id: str
    answer: str
    question: str
    pseudonym: str
    state: str
    points: Decimal | None
    max_points: Decimal
    created_at: datetime
    resolved_at: datetime | None
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class ResultAnswer:
    """One answer as its learner sees it."""

    answer: str
    question: str
    points: Decimal | None
    most: Decimal
    decided: str
    feedback: str


@dataclass(frozen=True, slots=True)
class Result:
    """What is released of an attempt; `points` before and `left` after what lateness takes."""

    submission: str
    assignment: str
    attempt: int
    released_at: datetime
    points: Decimal
    most: Decimal
    left: Decimal
    late_days: int
    complete: bool
    answers: tuple[ResultAnswer, ...]
