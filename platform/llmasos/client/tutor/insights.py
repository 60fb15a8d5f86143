"""What marks and answers say: agreement, the dial, and how learners stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from llmasos.client.operations import (
    AsyncResource,
    Listing,
    Operation,
    Resource,
    asks,
    async_pages,
    awaiting,
    blocking,
    pages,
)
from llmasos.client.transport import Call
from llmasos.client.tutor.teaching import BASE
from llmasos.client.tutor.types import Job


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


@dataclass(frozen=True, slots=True)
class PairSide:
    """One answer of a pair, under its pseudonym."""

    answer: str
    pseudonym: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers with passages in common: `words` of them, `share` of the shorter one."""

    id: str
    first: PairSide
    second: PairSide
    words: int
    share: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether the other has it too."""

    text: str
    shared: bool


@dataclass(frozen=True, slots=True)
class PairText:
    """One answer of a pair; its pieces are its text."""

    answer: str
    pseudonym: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class PairTexts:
    """Both texts of a pair."""

    id: str
    question: str
    sides: tuple[PairText, ...]


@dataclass(frozen=True, slots=True)
class Trick:
    """What a trick would gain, as a share of the scale; `matters`: beyond what is worth acting on."""

    name: str
    gain: Estimate
    raised: int
    held: int
    matters: bool


@dataclass(frozen=True, slots=True)
class RobustnessCheck:
    """A check of one version of the rubric; `outdated`: that has changed since."""

    id: str
    rubric_number: int
    answers: int
    created_at: datetime
    outdated: bool
    tricks: tuple[Trick, ...]


def _dial(question_id: str) -> Operation[Dial]:
    """Return how much of a question is reviewed, and what each place of the dial promises."""
    return asks(Call("GET", f"{BASE}/questions/{question_id}/dial"), Dial)


def _quality(question_id: str) -> Operation[Quality]:
    """Return how proposals and marks of a question agree."""
    return asks(Call("GET", f"{BASE}/questions/{question_id}/quality"), Quality)


def _similar(question_id: str) -> Listing[Pair]:
    """List the pairs of similar answers that were found last, those with most in common first."""
    return Listing(Call("GET", f"{BASE}/questions/{question_id}/similar"), Pair)


def _pair(pair_id: str) -> Operation[PairTexts]:
    """Return both texts of a pair; the read is recorded on the server for both learners."""
    return asks(Call("GET", f"{BASE}/pairs/{pair_id}"), PairTexts)


def _robustness(question_id: str) -> Listing[RobustnessCheck]:
    """List checks of what tricks would gain on a question, the latest first."""
    return Listing(Call("GET", f"{BASE}/questions/{question_id}/robustness"), RobustnessCheck)


def _look_for_similar(question_id: str) -> Operation[Job]:
    """Ask for a question's answers to be compared with each other; the search under way is given back instead."""
    return asks(Call("POST", f"{BASE}/questions/{question_id}/similar/search", {}), Job)


def _similar_search(question_id: str) -> Operation[Job]:
    """Return how far the latest search for similar answers is. Raises NotFoundError where there was none."""
    return asks(Call("GET", f"{BASE}/questions/{question_id}/similar/search"), Job)


def _check_robustness(question_id: str) -> Operation[Job]:
    """Ask for tricks to be tried on a question. Raises ConflictError where it is marked by rule or has no rubric."""
    return asks(Call("POST", f"{BASE}/questions/{question_id}/robustness/check", {}), Job)


def _robustness_check(question_id: str) -> Operation[Job]:
    """Return how far the latest check of tricks is. Raises NotFoundError where there was none."""
    return asks(Call("GET", f"{BASE}/questions/{question_id}/robustness/check"), Job)


def _learning(course_id: str, learner_id: str) -> Operation[Learning]:
    """Return how a learner stands with each skill of a course; the read is recorded on the server."""
    return asks(Call("GET", f"{BASE}/courses/{course_id}/learners/{learner_id}/learning"), Learning)


class Insights(Resource):
    """What marks and answers say."""

    dial = blocking(_dial)
    quality = blocking(_quality)
    similar = pages(_similar)
    pair = blocking(_pair)
    look_for_similar = blocking(_look_for_similar)
    similar_search = blocking(_similar_search)
    check_robustness = blocking(_check_robustness)
    robustness_check = blocking(_robustness_check)
    robustness = pages(_robustness)
    learning = blocking(_learning)


class AsyncInsights(AsyncResource):
    """`Insights` for coroutines."""

    dial = awaiting(_dial)
    quality = awaiting(_quality)
    similar = async_pages(_similar)
    pair = awaiting(_pair)
    look_for_similar = awaiting(_look_for_similar)
    similar_search = awaiting(_similar_search)
    check_robustness = awaiting(_check_robustness)
    robustness_check = awaiting(_robustness_check)
    robustness = async_pages(_robustness)
    learning = awaiting(_learning)
