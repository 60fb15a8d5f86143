"""What marks and answers say: agreement, the dial, and how learners stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from llmasos.client.operations import AsyncResource, Operation, Resource, asks, awaiting, blocking
from llmasos.client.transport import Call
from llmasos.client.tutor.teaching import BASE


@dataclass(frozen=True, slots=True)
class Share:
    """A share from 0 to 1 with its 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Step:
    """One place of the dial: from `border` on `confirm` answers are confirmed unseen, `reviewed` is the share left."""

    border: float
    confirm: int
    reviewed: float
    promised: float
    agreement: Share | None


@dataclass(frozen=True, slots=True)
class Dial:
    """How much of a question is reviewed; no `steps` while there are fewer than `needed` marks to go by."""

    marks: int
    needed: int
    unmarked: int
    border: float
    confirm: int
    agreement: Share | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval over `n` observations; None where it cannot be told."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two series of points agree; `kappa` is quadratic weighted, `difference` in standard deviations."""

    exact: Estimate
    adjacent: Estimate
    kappa: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Compared:
    """Proposals against one kind of marks; no figures while `hidden`, under ten pairs."""

    pairs: int
    unproposed: int
    hidden: bool
    agreement: Agreement | None
    calibration_error: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """Agreement with marks given without sight of proposals, with the others, and between people."""

    answers: int
    marked: int
    independent: Compared
    seen: Compared
    people: Agreement | None


@dataclass(frozen=True, slots=True)
class SkillState:
    """How a learner stands with a skill: "few", "likely", "unsure" or "unlikely"; the band in per cent."""

    name: str
    state: str
    responses: int
    low: int
    high: int
    at: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Advice:
    """A piece of advice with its grounds; `vetoed_at`: a teacher has taken it back."""

    id: str
    kind: str
    skill: str
    assignment: str
    criterion: str
    vetoed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Learning:
    """One learner in one course; `unseen` are skills without any answer."""

    skills: tuple[SkillState, ...]
    unseen: tuple[str, ...]
    advice: tuple[Advice, ...]
    vetoed: tuple[Advice, ...]
    computed_at: datetime | None


def _dial(question_id: str) -> Operation[Dial]:
    """Return how much of a question is reviewed, and what each place of the dial promises."""
    return asks(Call("GET", f"{BASE}/questions/{question_id}/dial"), Dial)


def _quality(question_id: str) -> Operation[Quality]:
    """Return how proposals and marks of a question agree."""
    return asks(Call("GET", f"{BASE}/questions/{question_id}/quality"), Quality)


def _learning(course_id: str, learner_id: str) -> Operation[Learning]:
    """Return how a learner stands with each skill of a course; the read is recorded on the server."""
    return asks(Call("GET", f"{BASE}/courses/{course_id}/learners/{learner_id}/learning"), Learning)


class Insights(Resource):
    """What marks and answers say."""

    dial = blocking(_dial)
    quality = blocking(_quality)
    learning = blocking(_learning)


class AsyncInsights(AsyncResource):
    """`Insights` for coroutines."""

    dial = awaiting(_dial)
    quality = awaiting(_quality)
    learning = awaiting(_learning)
