"""Rows of long work: queued, claimed by one worker, taken up again when it is lost, ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from tutor.models import BulkAct, MarkingJob, ProposalRun, RosterImport

State = ProposalRun.State
AT_WORK: Final = (State.QUEUED, State.RUNNING)
Job = MarkingJob | RosterImport | BulkAct
Step = Callable[[int, int], None]
"""Is told how many parts are done, of how many."""


PART: Final = 500
T = TypeVar("T")


def unseen(done: int, total: int) -> None:
    """Be told how far work is that nobody watches."""


def in_parts(rows: Sequence[T], step: Step) -> Iterator[Sequence[T]]:
    """Give rows in parts; ``step`` is told after each how many are done."""
    for start in range(0, len(rows), PART):
        part = rows[start : start + PART]
        yield part
        step(start + len(part), len(rows))


def take_up_lost(
    rows: QuerySet[Any], organisation_id: UUID, *, before: datetime, publish: Callable[[UUID, UUID], None]
) -> int:
    """Queue again what nobody has touched since ``before``, and return how many."""
    with acting_in(organisation_id):
        lost = rows.filter(state__in=AT_WORK, heartbeat_at__lt=before)
        ids = list(lost.select_for_update(skip_locked=True).values_list("pk", flat=True))
        rows.filter(pk__in=ids).update(state=State.QUEUED, heartbeat_at=timezone.now())
    for job_id in ids:
        publish(organisation_id, job_id)
    return len(ids)


def beat(job: Job, *, done: int, total: int) -> bool:
    """Say how far a job is; False when it is no longer this worker's to do. Inside ``acting_in``.

    Taken up again, a job may do some of its work twice: what it was seen to have done stays.
    """
    reached = Least(Greatest(F("done"), done), total)
    return _mine(job).update(done=reached, total=total, heartbeat_at=timezone.now()) == 1


def end(job: Job, state: str, *, error_code: str = "") -> bool:
    """Store how a job ended, or that it waits again; False when it is no longer this worker's to do."""
    finished = timezone.now() if state in {State.DONE, State.FAILED} else None
    with acting_in(job.organisation_id):
        values = {"state": state, "error_code": error_code, "heartbeat_at": timezone.now(), "finished_at": finished}
        return _mine(job).update(**values) == 1


def _mine(job: Job) -> QuerySet[Any]:
    return type(job).objects.for_organisation(job.organisation_id).filter(pk=job.pk, state=State.RUNNING)
