"""Going on with erasures whose worker was lost."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from llmasos.accounts.queries import organisation_ids
from llmasos.accounts.tenancy import acting_in
from llmasos.privacy.models import Erasure, ErasureState
from llmasos.privacy.publishing import publish_erasure

SILENT = timedelta(minutes=2)
"""An erasure that nobody has touched for so long is handed out again."""


def take_up_erasures() -> int:
    """Hand out again what nobody works on, in every organisation, and return how many erasures that were."""
    handed_out = 0
    for organisation_id in organisation_ids():
        with acting_in(organisation_id):
            silent = list(
                Erasure.objects.for_organisation(organisation_id)
                .exclude(state=ErasureState.DONE)
                .filter(touched_at__lt=timezone.now() - SILENT)
            )
        for erasure in silent:
            publish_erasure(erasure)
        handed_out += len(silent)
    return handed_out
