from __future__ import annotations

from celery import shared_task

from llmasos.audit import services


@shared_task(name="audit.sequence", ignore_result=True)
def sequence() -> None:
    services.sequence_all()
