from __future__ import annotations

from celery import shared_task


@shared_task(name="breakglass.announce", ignore_result=True)
def announce() -> None:
    """Tell reviewers of emergency access that was not announced yet. Called after a grant, and by beat."""
    from llmasos.accounts.queries import organisation_ids
    from llmasos.privacy.breakglass import services

    for organisation_id in organisation_ids():
        services.announce_waiting(organisation_id)
