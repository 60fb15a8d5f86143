"""Long work on a question that is not a run of the engine: queued, claimed, taken up again, ended."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference.errors import InferenceError
from tutor import jobs
from tutor.models import MarkingJob, Question

logger = logging.getLogger(__name__)

State = jobs.State
beat, end = jobs.beat, jobs.end
_DOES: dict[str, Callable[[MarkingJob], None]] = {}
GIVE_UP_AFTER: Final = timedelta(hours=1)
STOPPED: Final = "stopped"
"""The error code of a job that a person ended."""


def register_work(kind: str, does: Callable[[MarkingJob], None]) -> None:
    """Say what a kind of job does. Called in ``AppConfig.ready``; the work itself imports models when it runs."""
    _DOES[kind] = does


def queue_job(principal: Principal, question: Question, kind: str, *, action: str) -> MarkingJob:
    """Make a job's row and hand it to the worker; a job of that kind that is under way is given back instead."""
    under_way = MarkingJob.objects.for_organisation(question.organisation_id).filter(
        question=question, kind=kind, state__in=jobs.AT_WORK
    )
    if (found := under_way.first()) is not None:
        return found
    try:
        with transaction.atomic():
            job = MarkingJob.objects.create(
                organisation_id=question.organisation_id,
                question=question,
                kind=kind,
                requested_by_id=principal.id if principal.kind == "person" else None,
                heartbeat_at=timezone.now(),
            )
    except IntegrityError:
        # Somebody else asked at the same moment.
        return under_way.get()
    record(
        organisation_id=question.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("question", question.pk),
        digests={"job": str(job.pk)},
    )
    transaction.on_commit(partial(publish, question.organisation_id, job.pk))
    return job


def stop_job(principal: Principal, question: Question, kind: str, *, action: str) -> bool:
    """End a job that waits or is under way, and say whether there was one.

    Its worker leaves off at its next beat; what it has made stays.
    """
    under_way = MarkingJob.objects.for_organisation(question.organisation_id).filter(
        question=question, kind=kind, state__in=jobs.AT_WORK
    )
    job = under_way.select_for_update(of=("self",)).first()
    if job is None:
        return False
    job.state, job.error_code, job.finished_at = State.FAILED, STOPPED, timezone.now()
    job.save(update_fields=["state", "error_code", "finished_at"])
    record(
        organisation_id=question.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("question", question.pk),
        digests={"job": str(job.pk), "done": job.done, "total": job.total},
    )
    return True


def publish(organisation_id: UUID, job_id: UUID) -> None:
    """Hand a job to the worker. While the broker is away nothing is lost: the clock takes the row up later."""
    from kombu.exceptions import OperationalError

    from tutor.marking.tasks import marking_job

    try:
        marking_job.apply_async(args=(str(organisation_id), str(job_id)), queue="jobs")
    except (OperationalError, OSError):
        return


def work(organisation_id: UUID, job_id: UUID) -> None:
    """Bring a waiting job to its end. Delivered twice, it has one effect."""
    with acting_in(organisation_id):
        job = (
            MarkingJob.objects.for_organisation(organisation_id)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("question__assignment__course", "question__rubric")
            .filter(pk=job_id, state=State.QUEUED)
            .first()
        )
        if job is None:
            return
        job.state, job.heartbeat_at = State.RUNNING, timezone.now()
        job.save(update_fields=["state", "heartbeat_at"])
    try:
        _DOES[job.kind](job)
    except InferenceError:
        logger.warning("a job of marking waits for the model service", extra={"job": str(job_id)})
        late = job.created_at < timezone.now() - GIVE_UP_AFTER
        end(job, State.FAILED if late else State.QUEUED, error_code="model_away")
    except Exception:
        logger.exception("a job of marking failed", extra={"job": str(job_id)})
        end(job, State.FAILED, error_code="internal")
    else:
        end(job, State.DONE)


def take_up_lost(organisation_id: UUID, *, lost_after: timedelta) -> int:
    """Queue again jobs that nobody has touched for so long, and return how many."""
    rows = MarkingJob.objects.for_organisation(organisation_id)
    return jobs.take_up_lost(rows, organisation_id, before=timezone.now() - lost_after, publish=publish)
