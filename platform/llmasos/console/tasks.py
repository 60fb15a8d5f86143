from __future__ import annotations

from celery import shared_task


@shared_task(name="console.check_log", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def check_log(organisation_id: str, check_id: str) -> None:
    """Verify an organisation's log, for the page that asked or for the clock."""
    from uuid import UUID

    from llmasos.console.log import checks

    checks.run(UUID(organisation_id), UUID(check_id))


@shared_task(name="console.check_logs", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def check_logs() -> None:
    """Have every organisation's log verified. Called by beat."""
    from llmasos.console.log import checks

    checks.ask_everywhere()
