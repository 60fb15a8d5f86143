"""How many tasks wait in each queue."""

from __future__ import annotations

from django.conf import settings
from redis.exceptions import RedisError

from llmasos.inference.valkey import client
from llmasos.runtime.components import QUEUES


def waiting() -> dict[str, int]:
    """Return the number of waiting tasks by queue; nothing while Valkey is away."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("global_keyprefix", "")
    try:
        with client().pipeline(transaction=False) as pipeline:
            for queue in QUEUES:
                pipeline.llen(f"{prefix}{queue}")
            return dict(zip(QUEUES, pipeline.execute(), strict=True))
    except (RedisError, OSError):
        return {}
