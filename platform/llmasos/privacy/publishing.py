"""Handing work to the jobs worker, with ids alone."""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError

from llmasos.privacy.models import Erasure

logger = logging.getLogger(__name__)


def publish_erasure(erasure: Erasure) -> None:
    """Ask a worker to carry an erasure out. Where the broker is away, beat asks again within minutes."""
    from llmasos.privacy.tasks import erase

    try:
        erase.apply_async(args=(str(erasure.organisation_id), str(erasure.pk)), queue="jobs", ignore_result=True)
    except (OperationalError, OSError):
        logger.warning("an erasure could not be handed over; it is taken up later", extra={"erasure": str(erasure.pk)})
