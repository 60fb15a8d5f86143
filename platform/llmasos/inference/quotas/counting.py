"""Counting against limits in Valkey: a run's part is reserved before it starts, and what it did not use comes back.

A counter is one limit in one window (this minute, day or month, by UTC) and holds what was used together with what is
reserved. The runs' rows are the truth of what was used: a counter that is not there begins with their sum. A
reservation that nobody settles, because its worker and its web process died, lapses a minute after the run's deadline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from llmasos.accounts.principals import PROGRAMS, Principal
from llmasos.inference.errors import ModelUnavailable, QuotaExceeded
from llmasos.inference.models import Measure, Period, UsageLimit
from llmasos.inference.quotas.limits import limits_of, used_since
from llmasos.inference.valkey import UNREACHABLE, client

LAPSE_SECONDS = 60.0
"""How long after its run's deadline a reservation is kept."""
ROOM_SECONDS = 3600
"""How long a counter outlives its window: runs that began in it may still be settled."""
AT_ONCE_SECONDS = 86_400
BUSY_SECONDS = 1.0

# What follows is the beginning of every script that reserves. `kept` says, by measure, what stays counted.
FUNCTIONS = """
local function settle(reservation, lapsing, kept)
  local held = redis.call('HGETALL', reservation)
  for at = 1, #held, 2 do
    local measure, amount = string.match(held[at + 1], '(%a+) (%d+)')
    if redis.call('EXISTS', held[at]) == 1 then
      redis.call('INCRBY', held[at], (kept[measure] or 0) - tonumber(amount))
    end
  end
  redis.call('DEL', reservation)
  redis.call('ZREM', lapsing, reservation)
end
local function reserve(key, argument)
  local now, lapses, count = ARGV[argument], ARGV[argument + 1], tonumber(ARGV[argument + 2])
  if count == 0 then return nil end
  local reservation, lapsing = KEYS[key], KEYS[key + 1]
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', lapsing, '-inf', now)) do
    settle(old, lapsing, {requests = 1})
  end
  for number = 1, count do
    local at = argument + 4 * number - 1
    local used = redis.call('GET', KEYS[key + 1 + number])
    if not used then return {2, number - 1} end
    if tonumber(used) + tonumber(ARGV[at + 1]) > tonumber(ARGV[at + 2]) then
      return {3, number - 1, tonumber(used)}
    end
  end
  for number = 1, count do
    local at, counter = argument + 4 * number - 1, KEYS[key + 1 + number]
    redis.call('INCRBY', counter, ARGV[at + 1])
    redis.call('EXPIRE', counter, ARGV[at + 3])
    redis.call('HSET', reservation, counter, ARGV[at] .. ' ' .. ARGV[at + 1])
  end
  redis.call('ZADD', lapsing, lapses, reservation)
  redis.call('EXPIRE', lapsing, 86400)
  redis.call('EXPIRE', reservation, 86400)
  return nil
end
"""
UNCOUNTED, OVER = 2, 3
"""What a script answers where a counter is not there yet, or where a limit would be passed."""
_RESERVE = FUNCTIONS + "return reserve(1, 1) or {1}"
_SETTLE = FUNCTIONS + "settle(KEYS[1], KEYS[2], {tokens = tonumber(ARGV[1]), requests = tonumber(ARGV[2])})"


@dataclass(frozen=True, slots=True)
class Counter:
    """One limit in one window, and how much of it a run wants. The window of what runs at once has no end."""

    limit: UsageLimit
    wanted: int
    start: datetime | None
    end: datetime | None

    @property
    def key(self) -> str:
        return f"llmasos:quota:{self.limit.pk}:{self.start.timestamp() if self.start else 0:.0f}"

    def seconds_kept(self, now: datetime) -> int:
        return ROOM_SECONDS + int((self.end - now).total_seconds()) if self.end else AT_ONCE_SECONDS


@dataclass(frozen=True, slots=True)
class Demand:
    """What one run may take at most, of every limit that holds for it."""

    run_id: UUID
    organisation_id: UUID
    counters: tuple[Counter, ...]
    now: datetime
    deadline_seconds: float

    def keys(self) -> list[str]:
        return [
            _reservation_key(self.run_id),
            _lapsing_key(self.organisation_id),
            *(counter.key for counter in self.counters),
        ]

    def arguments(self) -> list[str]:
        now = self.now.timestamp()
        given = [str(now), str(now + self.deadline_seconds + LAPSE_SECONDS), str(len(self.counters))]
        for counter in self.counters:
            limit = counter.limit
            given += [limit.measure, str(counter.wanted), str(limit.amount), str(counter.seconds_kept(self.now))]
        return given

    def may_try_again(self, answer: Any) -> bool:
        """Whether a script's answer asks for a counter, which is there now. Raises QuotaExceeded over a limit."""
        if answer[0] == UNCOUNTED:
            begin(self.organisation_id, self.counters[answer[1]], self.now)
            return True
        if answer[0] == OVER:
            counter = self.counters[answer[1]]
            raise exceeded(counter, used=int(answer[2]), now=self.now)
        return False


def window(period: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When the running minute, day or month (UTC) began and when it ends; None for both without a period."""
    now = now.astimezone(UTC)
    if period == Period.MINUTE:
        start = now.replace(second=0, microsecond=0)
        return start, start + timedelta(minutes=1)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == Period.DAY:
        return midnight, midnight + timedelta(days=1)
    if period == Period.MONTH:
        start = midnight.replace(day=1)
        return start, (start + timedelta(days=32)).replace(day=1)
    return None, None


def demand_of(
    principal: Principal, run_id: UUID, *, tokens: int | None, deadline_seconds: float, now: datetime
) -> Demand:
    """What a run of a model may take: one request, so many tokens at most, one place at once.

    Without ``tokens`` it counts by the model calls that it makes, and takes nothing itself.
    """
    if tokens is None:
        return Demand(run_id, principal.organisation_id, (), now, deadline_seconds)
    wanted: Mapping[str, int] = {Measure.REQUESTS: 1, Measure.TOKENS: tokens, Measure.CONCURRENT: 1}
    counters = (
        counter_of(limit, now, wanted=wanted[limit.measure])
        for limit in limits_of(principal.organisation_id)
        if holds_for(limit, principal)
    )
    return Demand(run_id, principal.organisation_id, tuple(counters), now, deadline_seconds)


def counter_of(limit: UsageLimit, now: datetime, *, wanted: int = 0) -> Counter:
    return Counter(limit, wanted, *window(limit.period, now))


def holds_for(limit: UsageLimit, principal: Principal) -> bool:
    """Whether a limit is of the principal's organisation as a whole, or of this program."""
    if limit.program_id is None:
        return True
    return principal.kind in PROGRAMS and (limit.program_kind, limit.program_id) == (principal.kind, principal.id)


def begin(organisation_id: UUID, counter: Counter, now: datetime) -> None:
    """Let a counter begin with what the runs' rows say was used in its window."""
    used = 0
    if counter.start is not None:
        used = used_since(organisation_id, counter.limit, counter.start)
    client().set(counter.key, used, ex=counter.seconds_kept(now), nx=True)


def exceeded(counter: Counter, *, used: int, now: datetime) -> QuotaExceeded:
    limit = counter.limit
    return QuotaExceeded(
        f"the limit of {limit.amount} {limit.measure} ({limit.period or 'at once'}) is reached",
        measure=limit.measure,
        period=limit.period,
        amount=limit.amount,
        used=used,
        wanted=counter.wanted,
        by_program=limit.program_id is not None,
        until=counter.end,
        retry_after=(counter.end - now).total_seconds() if counter.end else BUSY_SECONDS,
    )


def reserve(principal: Principal, *, tokens: int, deadline_seconds: float, now: datetime) -> UUID | None:
    """Reserve for work that does not pass a queue; what `settle` takes, or None where no limit holds.

    Raises QuotaExceeded over a limit, ModelUnavailable where Valkey cannot be reached.
    """
    demand = demand_of(principal, uuid4(), tokens=tokens, deadline_seconds=deadline_seconds, now=now)
    if not demand.counters:
        return None
    keys = demand.keys()
    try:
        while demand.may_try_again(client().eval(_RESERVE, len(keys), *keys, *demand.arguments())):
            continue
    except UNREACHABLE as error:
        raise ModelUnavailable("the limits cannot be counted") from error
    return demand.run_id


def settle(connection: Any, run_id: UUID, organisation_id: UUID, *, tokens: int = 0, began: bool = True) -> None:
    """Count what a run has used in place of what was reserved, by a client or a pipeline. Once more changes nothing."""
    keys = (_reservation_key(run_id), _lapsing_key(organisation_id))
    connection.eval(_SETTLE, 2, *keys, str(tokens), "1" if began else "0")


def counted(organisation_id: UUID, counters: Iterable[Counter], *, now: datetime) -> list[int]:
    """What is used and reserved in each counter; one that is not there begins. Raises what Valkey raises."""
    present = list(counters)
    if not present:
        return []
    found: Any = client().mget([counter.key for counter in present])
    for at, counter in enumerate(present):
        if found[at] is None:
            begin(organisation_id, counter, now)
            found[at] = client().get(counter.key)
    return [int(value or 0) for value in found]


def _reservation_key(run_id: UUID) -> str:
    return f"llmasos:reservation:{run_id}"


def _lapsing_key(organisation_id: UUID) -> str:
    return f"llmasos:reservations:{organisation_id}"
