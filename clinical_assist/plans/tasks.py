"""Celery tasks of plans: ids in, nothing out."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(name="clinical.word_plan", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def word_plan(organisation_id: str, plan_id: str) -> None:
    """Let the language model word the reasons of a plan."""
    from clinical_assist.plans import wording

    wording.word(UUID(organisation_id), UUID(plan_id))
