"""Celery tasks of learning platforms: ids in, nothing out."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(name="tutor.lti_members", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def lti_members(organisation_id: str, context_id: str) -> None:
    """Read a class's members from its platform."""
    from tutor.lti import class_lists

    class_lists.work(UUID(organisation_id), UUID(context_id))


@shared_task(name="tutor.lti_scores", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def lti_scores(organisation_id: str, link_id: str) -> None:
    """Send the scores of a link that are due."""
    from tutor.lti import scores

    scores.work(UUID(organisation_id), UUID(link_id))
