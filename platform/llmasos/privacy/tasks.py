"""Celery tasks of privacy: ids in, nothing out."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(name="privacy.erase", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def erase(organisation_id: str, erasure_id: str) -> None:
    """Carry out what is left of an erasure."""
    from llmasos.privacy import services

    services.carry_out(UUID(organisation_id), UUID(erasure_id))


@shared_task(name="privacy.take_up", ignore_result=True)
def take_up() -> None:
    """Hand out again the erasures whose worker was lost. Called by beat."""
    from llmasos.privacy import services

    services.take_up_erasures()


@shared_task(name="privacy.expire", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def expire() -> None:
    """Remove what is older than its period, in every organisation. Called by beat."""
    from llmasos.privacy import services

    services.expire_all()
