"""What people's marks say about proposals, as steps of a dial and as curves. No learner's words are read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from llmasos.accounts.principals import Principal
from tutor.dial.border import CONFIRM_FROM, dial_of
from tutor.engine.conformal import NEVER, Judged, Share, Trust, wilson
from tutor.marking.access import FIRST_MARKERS, question_for, standing_for
from tutor.marking.shown import applied_run
from tutor.models import Mark, Proposal, ProposalRun, Question, ReviewDial

ENOUGH: Final = 20
"""With fewer marks even a promise of 95 % could never be kept: 1 / (n + 1) is the least that can be promised away."""
ALLOWED: Final = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2)
"""The shares of answers that a step allows to be confirmed unseen with another mark than their marker's."""
POINTS: Final = 20
FIRST_POINT: Final = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One place of the dial.

    From ``border`` on ``confirm`` answers are confirmed without a look, and ``reviewed`` is the share of all unmarked
    ones that a person looks at. ``agreement`` is expected on those confirmed; ``allowed`` bounds how many of the
    answers with a proposal end with another mark than their marker's. The first step reviews everything.
    """

    border: float
    allowed: float
    confirm: int
    reviewed: float
    agreement: Share | None

    @property
    def promised(self) -> float:
        """The share of the answers with a proposal that end with their marker's mark, at least."""
        return 1 - self.allowed


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """``at`` is the share confirmed without review, or the number of marks so far."""

    at: float
    agreement: Share


@dataclass(frozen=True, slots=True)
class DialState:
    """The dial of a question; ``steps`` is empty while there are fewer than ``needed`` marks to go by.

    ``marks`` are first marks by people who saw a proposal of the present rubric and model on their own screen; those of
    groups, of files, and of the answers that the engine chose to have marked first are left out. ``digest`` names
    the steps. ``border`` is in force, ``chosen`` who set it.
    """

    question: Question
    marks: int
    needed: int
    unmarked: int
    open: int
    steps: tuple[Step, ...]
    by_share: tuple[CurvePoint, ...]
    by_marks: tuple[CurvePoint, ...]
    border: float
    confirm: int
    agreement: Share | None
    chosen: ReviewDial | None
    digest: str

    @property
    def at(self) -> int:
        """The step nearest to the border in force, from its safe side."""
        safe = [number for number, one in enumerate(self.steps) if one.border >= self.border]
        return safe[-1] if safe else 0


def dial_state(principal: Principal, question_id: UUID) -> DialState:
    """Return the dial of a question as its marks stand now.

    Raises:
        NotFoundError, PermissionDenied.
    """
    return state_of(question_for(principal, question_id, *FIRST_MARKERS))


def state_of(question: Question) -> DialState:
    """Return the dial of a question that the caller may mark."""
    run = applied_run(question)
    judged = judged_of(question, run)
    unmarked = _unmarked(question)
    waiting = _open(question, run, unmarked)
    trust = Trust(judged, waiting)
    chosen = dial_of(question, run)
    border = chosen.border if chosen is not None else CONFIRM_FROM
    enough = len(judged) >= ENOUGH and bool(waiting)
    steps = _steps(trust, waiting, len(unmarked)) if enough else ()
    return DialState(
        question=question,
        marks=len(judged),
        needed=ENOUGH,
        unmarked=len(unmarked),
        open=len(waiting),
        steps=steps,
        by_share=_by_share(trust, waiting) if enough else (),
        by_marks=_by_marks(judged),
        border=border,
        confirm=sum(1 for one in waiting if one >= border),
        agreement=trust.agreement(border) if enough else None,
        chosen=chosen,
        digest=hashlib.sha256(repr([(one.border, one.confirm) for one in steps]).encode()).hexdigest(),
    )


def judged_of(question: Question, run: ProposalRun | None) -> list[Judged]:
    """Return what people said of proposals that they saw one by one, in the order in which they marked."""
    if run is None:
        return []
    marks = (
        Mark.objects.for_organisation(question.organisation_id)
        .filter(
            answer__question=question,
            kind=Mark.Kind.FIRST,
            withdrawn_at=None,
            group_act=None,
            origin__in=(Mark.Origin.CONFIRMED, Mark.Origin.OVERRIDDEN),
            proposal__run__rubric=run.rubric_id,
            proposal__run__model_digest=run.model_digest,
        )
        .exclude(answer__in=run.seeds)
        .order_by("created_at", "pk")
        .values_list("proposal__confidence", "origin")
    )
    return [Judged(confidence, origin == Mark.Origin.CONFIRMED) for confidence, origin in marks]


def _unmarked(question: Question) -> set[UUID]:
    marked = Mark.objects.for_organisation(question.organisation_id).filter(
        answer__question=question, withdrawn_at=None, kind__in=(Mark.Kind.FIRST, Mark.Kind.FINAL)
    )
    return set(standing_for(question).values_list("pk", flat=True)) - set(marked.values_list("answer_id", flat=True))


def _open(question: Question, run: ProposalRun | None, unmarked: set[UUID]) -> list[float]:
    """Return the confidences of the proposals that wait in the queues "confirm" and "review"."""
    if run is None:
        return []
    proposed = Proposal.objects.for_organisation(question.organisation_id).filter(
        run=run, decision=Proposal.Decision.PROPOSED
    )
    left = unmarked - set(run.seeds)
    return [confidence for one, confidence in proposed.values_list("answer_id", "confidence") if one in left]


def _steps(trust: Trust, waiting: list[float], unmarked: int) -> tuple[Step, ...]:
    steps = [Step(NEVER, 0.0, 0, 1.0, None)]
    for allowed in ALLOWED:
        border = trust.border(allowed)
        confirm = sum(1 for one in waiting if one >= border)
        if confirm > steps[-1].confirm:
            steps.append(Step(border, allowed, confirm, 1 - confirm / unmarked, trust.agreement(border)))
    return tuple(steps)


def _by_share(trust: Trust, waiting: list[float]) -> tuple[CurvePoint, ...]:
    ordered = sorted(waiting, reverse=True)
    found: list[CurvePoint] = []
    for number in range(1, POINTS + 1):
        count = max(1, len(ordered) * number // POINTS)
        agreement = trust.agreement(ordered[count - 1])
        if agreement is not None and (not found or count / len(ordered) > found[-1].at):
            found.append(CurvePoint(count / len(ordered), agreement))
    return tuple(found)


def _by_marks(judged: list[Judged]) -> tuple[CurvePoint, ...]:
    """Return the agreement over the marks given so far, as they came."""
    step = max(1, len(judged) // POINTS)
    counts = range(FIRST_POINT, len(judged) + 1, step)
    return tuple(
        CurvePoint(float(count), wilson(sum(one.agreed for one in judged[:count]) / count, count)) for count in counts
    )
