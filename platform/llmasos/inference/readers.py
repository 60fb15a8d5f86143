"""Who reads the stream of a run now: whether it may be stopped because nobody is left.

A reader counts until a moment that it puts off while it reads. One that goes counts a while longer, so that it may come
back; one whose process was killed lapses. Times are in seconds since 1970.
"""

from __future__ import annotations

from uuid import UUID

from llmasos.inference.transit import LIFETIME_SECONDS
from llmasos.inference.valkey import async_client


async def note(run_id: UUID, reader: str, *, until: float) -> None:
    """Count a reader until then. Raises what Valkey raises."""
    pipeline = async_client().pipeline(transaction=False)
    pipeline.zadd(_key(run_id), {reader: until})
    pipeline.expire(_key(run_id), LIFETIME_SECONDS)
    await pipeline.execute()


async def last_until(run_id: UUID) -> float:
    """Until when somebody counts; 0 where nobody ever did. Raises what Valkey raises."""
    last = await async_client().zrange(_key(run_id), -1, -1, withscores=True)
    return float(last[0][1]) if last else 0.0


def _key(run_id: UUID) -> str:
    return f"llmasos:readers:{run_id}"
