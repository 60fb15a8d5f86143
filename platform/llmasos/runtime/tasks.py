"""The canary: a task that proves that a queue is read."""

from __future__ import annotations

from celery import shared_task

from llmasos.inference.valkey import client
from llmasos.runtime.health import CANARY_TASK, canary_key

_KEPT_SECONDS = 15


@shared_task(name=CANARY_TASK)
def canary(nonce: str, queue: str) -> None:
    """Say that ``queue`` is read, to who waits under ``nonce``."""
    key = canary_key(nonce)
    with client().pipeline() as pipeline:
        pipeline.rpush(key, queue)
        pipeline.expire(key, _KEPT_SECONDS)
        pipeline.execute()
