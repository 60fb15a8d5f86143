"""When the engine looks again because people have marked more."""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.errors import NoRubricError
from tutor.models import Mark, ProposalRun, Question

FIRST_STEPS: Final = (3, 5, 10)
AT_WORK: Final = (ProposalRun.State.QUEUED, ProposalRun.State.RUNNING)


def next_step(marks: int) -> int:
    """Return at how many marks the engine looks again: 3, 5, 10, then each time that they have doubled."""
    step = next((one for one in FIRST_STEPS if one > marks), FIRST_STEPS[-1])
    while step <= marks:
        step *= 2
    return step


def marks_given(question: Question) -> int:
    """Return how many answers to the question people have marked."""
    return (
        Mark.objects.for_organisation(question.organisation_id)
        .filter(answer__question=question, withdrawn_at=None, kind=Mark.Kind.FIRST)
        .count()
    )


def learn_from_marks(principal: Principal, question: Question) -> ProposalRun | None:
    """Ask for another run when enough marks have come since the latest; never the first, and never beside another."""
    latest = ProposalRun.objects.for_organisation(question.organisation_id).filter(question=question).first()
    if latest is None or latest.state in AT_WORK or question.rubric is None:
        return None
    if marks_given(question) < next_step(latest.marks_seen):
        return None
    return queue_run(principal, question, reason=ProposalRun.Reason.MARKS)


def queue_run(principal: Principal, question: Question, *, reason: str) -> ProposalRun:
    """Make the row of a run and hand it to the jobs worker when the transaction is through. Raises NoRubricError."""
    rubric = question.rubric
    if rubric is None:
        raise NoRubricError
    run = ProposalRun.objects.create(
        organisation_id=question.organisation_id,
        question=question,
        rubric=rubric,
        reason=reason,
        requested_by_id=principal.id if principal.kind == "person" else None,
        heartbeat_at=timezone.now(),
    )
    record(
        organisation_id=question.organisation_id,
        actor=principal.actor,
        action="tutor.proposals_asked",
        object=Ref("question", question.pk),
        digests={
            "run": str(run.pk),
            "reason": str(reason),
            "rubric": rubric.digest,
        },
    )
    transaction.on_commit(partial(publish, question.organisation_id, run.pk))
    return run


def publish(organisation_id: UUID, run_id: UUID) -> None:
    """Hand a run to the worker. While the broker is away nothing is lost: the clock takes the row up later."""
    from kombu.exceptions import OperationalError

    from tutor.marking.tasks import propose

    try:
        propose.apply_async(args=(str(organisation_id), str(run_id)), queue="jobs")
    except (OperationalError, OSError):
        return
