"""Celery tasks of learners' work: nothing in, nothing out."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="tutor.close_due_work", ignore_result=True)
def close_due_work() -> None:
    """Hand in what was written in attempts whose time is over. Called by beat."""
    from tutor.work.freezing import close_due

    close_due()
