from __future__ import annotations

from celery import shared_task

from llmasos.audit.forwarding import services


@shared_task(name="audit_forwarding.forward", ignore_result=True)
def forward() -> None:
    services.forward_all()
