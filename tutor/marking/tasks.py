"""Celery tasks of marking: ids in, nothing out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task

LOST_AFTER = timedelta(minutes=2)


@shared_task(name="tutor.propose", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def propose(organisation_id: str, run_id: str) -> None:
    """Bring a run of the engine to its end, from where it stands."""
    from tutor.marking import running

    running.work(UUID(organisation_id), UUID(run_id))


@shared_task(name="tutor.marking_job", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def marking_job(organisation_id: str, job_id: str) -> None:
    """Bring a job on a question's answers to its end."""
    from tutor.marking import jobs

    jobs.work(UUID(organisation_id), UUID(job_id))


@shared_task(name="tutor.take_up", ignore_result=True)
def take_up() -> None:
    """Queue again the runs and jobs whose worker was lost, and forget old replies of the API. Called by beat."""
    from llmasos.accounts.queries import organisation_ids
    from llmasos.accounts.tenancy import acting_in
    from llmasos.api import repeating
    from tutor.bulk import acts
    from tutor.lti import class_lists, scores
    from tutor.marking import jobs, running
    from tutor.rosters import imports

    for organisation_id in organisation_ids():
        with acting_in(organisation_id):
            repeating.forget(organisation_id)
        running.take_up_lost(organisation_id, lost_after=LOST_AFTER)
        jobs.take_up_lost(organisation_id, lost_after=LOST_AFTER)
        imports.take_up_lost(organisation_id, lost_after=LOST_AFTER)
        acts.take_up_lost(organisation_id, lost_after=LOST_AFTER)
        class_lists.take_up_lost(organisation_id, lost_after=LOST_AFTER)
        scores.take_up(organisation_id)
