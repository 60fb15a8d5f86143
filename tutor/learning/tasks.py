"""Celery tasks of learning: ids in, nothing out."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(name="tutor.compute_learning", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def compute_learning(organisation_id: str, course_id: str) -> None:
    """Compute the mastery and advice that were asked for in a course."""
    from tutor.learning import computing

    computing.work(UUID(organisation_id), UUID(course_id))


@shared_task(name="tutor.take_up_learning", ignore_result=True)
def take_up_learning() -> None:
    """Queue what a lost worker left, and learners with a skill whose date to look at it again has come."""
    from llmasos.accounts.queries import organisation_ids
    from tutor.learning import computing

    for organisation_id in organisation_ids():
        computing.take_up(organisation_id)
