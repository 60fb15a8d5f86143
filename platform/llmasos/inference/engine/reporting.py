"""What a models worker tells of itself each second, for whoever runs the installation."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from llmasos.inference.engine.memory import Memory
from llmasos.inference.queries import ENGINES_KEY
from llmasos.inference.valkey import client

KEPT_SECONDS = 60
STATE_SECONDS = 10


def report(member: str, state: Mapping[str, Any]) -> None:
    """Leave a worker's state in Valkey. Raises what Valkey raises."""
    now = time.time()
    pipeline = client().pipeline(transaction=False)
    pipeline.zadd(ENGINES_KEY, {member: now})
    pipeline.zremrangebyscore(ENGINES_KEY, "-inf", now - KEPT_SECONDS)
    pipeline.set(f"{ENGINES_KEY}:{member}", json.dumps(state), ex=STATE_SECONDS)
    pipeline.execute()


def leave(member: str) -> None:
    """Take a worker that stops out of the list."""
    client().zrem(ENGINES_KEY, member)


def models_state(memory: Memory) -> dict[str, Any]:
    """The models of a worker: those that are loaded, those that could not be, and the memory that they take."""
    now = time.monotonic()
    return {
        "memory_bytes": memory.used,
        "memory_limit_bytes": memory.limit,
        "models": [
            {
                "name": model.name,
                "digest": model.backend.info.digest,
                "load_seconds": round(model.load_seconds, 2),
                "memory_bytes": model.memory_bytes,
                "in_use": model.users,
                "idle_seconds": 0.0 if model.users else round(now - model.used_at, 1),
            }
            for _, model in memory.loaded()
        ],
        "failures": [
            {"name": name, "error": str(failure.error), "at": failure.at}
            for models in memory.watched()
            for name, failure in models.failures().items()
        ],
    }
