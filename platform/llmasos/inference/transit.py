"""What passes through Valkey on behalf of a run: its sealed input, its place in the queue's count.

All of it lives fifteen minutes at most and is sealed with the run's id bound in, so that a value copied
to another key does not open.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from llmasos.inference.errors import ModelUnavailable, Overloaded
from llmasos.inference.publishing import Announcement, admitted_key, announced_key
from llmasos.inference.quotas import counting
from llmasos.inference.quotas.counting import Demand
from llmasos.inference.types import Priority
from llmasos.inference.valkey import UNREACHABLE, client
from llmasos.vault.sealing import seal, unseal

LIFETIME_SECONDS = 900
QUEUE_LIMITS: Mapping[str, int] = {
    "embed": int(os.environ.get("LLMASOS_EMBED_QUEUE", "512")),
    "generate": int(os.environ.get("LLMASOS_GENERATE_QUEUE", "512")),
}
"""How many runs of an engine may wait and run at once."""
BULK_SHARE = 0.75
"""Bulk work may fill this share of a queue; the rest is kept for people who wait."""
ORGANISATION_SHARE = 0.75
"""One organisation may fill this share of a queue; the rest is kept for the others."""
CANCEL_CHANNEL = "llmasos:cancel"

# Counts, reserves and stores in one step, so that two web processes cannot both take the last place.
_ADMIT = (
    counting.FUNCTIONS
    + """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local depth = redis.call('ZCARD', KEYS[1])
local full = depth >= tonumber(ARGV[2])
if not full and depth >= tonumber(ARGV[7]) then
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ARGV[1])
  full = redis.call('ZCARD', KEYS[4]) >= tonumber(ARGV[7])
end
if full then
  return {0, depth, redis.call('GET', KEYS[3]) or '1'}
end
local refused = reserve(6, 9)
if refused then return refused end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[4])
redis.call('ZADD', KEYS[4], ARGV[3], ARGV[4])
redis.call('EXPIRE', KEYS[4], ARGV[6])
redis.call('SET', KEYS[2], ARGV[5], 'EX', ARGV[6])
if ARGV[8] ~= '' then
  redis.call('RPUSH', KEYS[5], ARGV[8])
  redis.call('EXPIRE', KEYS[5], ARGV[6])
end
return {1, depth, '0'}
"""
)
# The first reader gets the input and leaves a mark; a second delivery sees that it came second.
_TAKE = """
local found = redis.call('GET', KEYS[1])
if found then
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[2], '1', 'EX', ARGV[1])
  return {found, 0}
end
return {false, redis.call('EXISTS', KEYS[2])}
"""


@dataclass(frozen=True, slots=True)
class Input:
    """A run's input as taken: None and `taken_before` for a second delivery, None alone where it was lost."""

    envelope: dict[str, Any] | None
    taken_before: bool = False


def stream_key(run_id: UUID) -> str:
    return f"llmasos:stream:{run_id}"


def put_input(
    run_id: UUID,
    envelope: Mapping[str, Any],
    *,
    organisation_id: UUID,
    engine: str,
    priority: Priority,
    demand: Demand,
    announced: Announcement | None = None,
) -> None:
    """Takes a place in the engine's queue, reserves what the run may use, and leaves the sealed input there.

    With an announcement the engine's workers are told of the run in the same step.

    Raises Overloaded when the queue, or the organisation's part of it, is full, QuotaExceeded over a limit,
    ModelUnavailable when Valkey cannot be reached.
    """
    limit = QUEUE_LIMITS.get(engine, 128)
    share = max(1, int(limit * ORGANISATION_SHARE))
    if priority is Priority.BULK:
        limit = int(limit * BULK_SHARE)
    blob = seal(json.dumps(envelope, separators=(",", ":")).encode(), context=_context(run_id))
    now = demand.now.timestamp()
    keys = [
        _waiting_key(engine),
        _input_key(run_id),
        _pace_key(engine),
        _share_key(engine, organisation_id),
        announced.key if announced else "",
        *demand.keys(),
    ]
    given: list[Any] = [
        now,
        limit,
        now + demand.deadline_seconds,
        str(run_id),
        blob,
        LIFETIME_SECONDS,
        share,
        announced.line if announced else "",
    ]
    try:
        answer: Any = client().eval(_ADMIT, len(keys), *keys, *given, *demand.arguments())
        while demand.may_try_again(answer):
            answer = client().eval(_ADMIT, len(keys), *keys, *given, *demand.arguments())
    except UNREACHABLE as error:
        raise ModelUnavailable("the queue cannot be reached", run_id=run_id) from error
    admitted, depth, pace = answer
    if not admitted:
        seconds = min(60.0, max(1.0, math.ceil(depth * float(pace))))
        raise Overloaded("the queue of this model is full", retry_after=seconds, run_id=run_id)


def take_input(run_id: UUID) -> Input:
    """Reads and deletes a run's input; only one of several deliveries gets it."""
    return _input(run_id, *client().eval(_TAKE, 2, _input_key(run_id), _taken_key(run_id), str(LIFETIME_SECONDS)))


def _input(run_id: UUID, found: bytes | None, taken: int) -> Input:
    if found is None:
        return Input(None, taken_before=bool(taken))
    envelope: dict[str, Any] = json.loads(unseal(found, context=_context(run_id)))
    return Input(envelope)


def hear(engines: Sequence[str], *, seconds: float, most: int) -> list[tuple[str, Input | None]]:
    """Waits for runs of these engines, so many at most: each announcement, with its input where it is due at once."""
    announced = {announced_key(engine) for engine in engines}
    keys = [*announced, *(admitted_key(engine) for engine in engines)]
    found: Any = client().blmpop(seconds, len(keys), *keys, direction="LEFT", count=most)
    if found is None:
        return []
    lines = [line.decode() for line in found[1]]
    taken: Sequence[Input | None] = _taken(lines) if found[0].decode() in announced else [None] * len(lines)
    return list(zip(lines, taken, strict=True))


def _taken(announcements: Sequence[str]) -> list[Input]:
    """The inputs of announced runs."""
    run_ids = [UUID(json.loads(one)["run_id"]) for one in announcements]
    with client().pipeline(transaction=False) as pipeline:
        for run_id in run_ids:
            pipeline.eval(_TAKE, 2, _input_key(run_id), _taken_key(run_id), str(LIFETIME_SECONDS))
        return [_input(run_id, *answer) for run_id, answer in zip(run_ids, pipeline.execute(), strict=True)]


def has_input(run_id: UUID) -> bool:
    return bool(client().exists(_input_key(run_id)))


def taken_seconds_ago(run_id: UUID) -> float:
    """How long ago a worker took the run's input; infinite where none did."""
    left = int(client().pttl(_taken_key(run_id)))
    return LIFETIME_SECONDS - left / 1000 if left >= 0 else math.inf


def has_shown(run_id: UUID) -> bool:
    """Whether anything of the run is in its stream."""
    return bool(client().exists(stream_key(run_id)))


def forget(
    run_id: UUID, *, organisation_id: UUID, engine: str, tokens: int = 0, began: bool = True, within: Any = None
) -> None:
    """Gives the run's place back, counts what it used of its limits, and deletes what is left of its input.

    A run that never ``began`` does not even count as a request. ``within`` is a pipeline that this is sent with.
    """
    pipeline = client().pipeline(transaction=False) if within is None else within
    pipeline.zrem(_waiting_key(engine), str(run_id))
    pipeline.zrem(_share_key(engine, organisation_id), str(run_id))
    pipeline.delete(_input_key(run_id))
    counting.settle(pipeline, run_id, organisation_id, tokens=tokens, began=began)
    if within is None:
        pipeline.execute()


def forget_all(organisation_id: UUID, runs: Iterable[tuple[UUID, str, str | None]]) -> int:
    """Deletes what is left of an organisation's runs: streams, inputs, marks, what a key kept; how many.

    They are given with their engines and their idempotency keys.
    """
    pipeline = client().pipeline(transaction=False)
    for run_id, engine, key in runs:
        pipeline.zrem(_waiting_key(engine), str(run_id))
        pipeline.zrem(_share_key(engine, organisation_id), str(run_id))
        kept = [asked_key(organisation_id, key)] if key else []
        pipeline.delete(stream_key(run_id), _input_key(run_id), _taken_key(run_id), *kept)
    return sum(int(count) for count in pipeline.execute())


def note_pace(engine: str, seconds_a_run: float) -> None:
    """Leaves how long one queued run takes on average, from which Retry-After is told."""
    client().set(_pace_key(engine), f"{seconds_a_run:.4f}", ex=LIFETIME_SECONDS)


def announce_cancel(run_id: UUID) -> None:
    """Tells every models worker at once; the row tells them again at the next heartbeat."""
    client().publish(CANCEL_CHANNEL, str(run_id))


def asked_key(organisation_id: UUID, name: str) -> str:
    """Where it is kept what was asked under an idempotency key."""
    return f"llmasos:asked:{organisation_id}:{name}"


def _context(run_id: UUID) -> str:
    return f"inference.input:{run_id}"


def _input_key(run_id: UUID) -> str:
    return f"llmasos:input:{run_id}"


def _taken_key(run_id: UUID) -> str:
    return f"llmasos:taken:{run_id}"


def _waiting_key(engine: str) -> str:
    return f"llmasos:waiting:{engine}"


def _share_key(engine: str, organisation_id: UUID) -> str:
    return f"llmasos:waiting:{engine}:{organisation_id}"


def _pace_key(engine: str) -> str:
    return f"llmasos:pace:{engine}"
