"""Reading a run's stream, from anywhere in it, by threads and by coroutines. A reader never hangs.

When nothing has come for a second the reader asks the run's row. A run that has ended without its
terminal entry, or on which nobody works any more, gets its terminal event here.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from llmasos.inference import expiry, lifecycle
from llmasos.inference.database import aoutside
from llmasos.inference.following import BATCH, SILENT_SECONDS, Entries, following
from llmasos.inference.lifecycle import RunStatus
from llmasos.inference.models import RunState
from llmasos.inference.transit import stream_key
from llmasos.inference.types import StreamEvent
from llmasos.inference.valkey import UNREACHABLE, client
from llmasos.inference.writing import BLOB, TERMINAL_NUMBER, event_context
from llmasos.vault.errors import VaultError
from llmasos.vault.sealing import unseal

logger = logging.getLogger(__name__)

KEEPALIVE_SECONDS = 10.0
OUTAGE_SECONDS = 9.0
LAST_NUMBER = (1 << 64) - 1
"""Of both numbers in an id, as Valkey counts."""


@dataclass(slots=True)
class _Cursor:
    """Where a reader stands, and how often it found its run ended without a terminal entry."""

    run_id: UUID
    last_id: str
    ended_seen: int = 0
    unknown_seen: int = 0
    unreachable_since: float | None = None

    def events(self, entries: Entries) -> list[StreamEvent]:
        """The events that entries hold; the cursor moves behind them."""
        self.unreachable_since = None
        found: list[StreamEvent] = []
        for raw_id, fields in entries:
            self.last_id = raw_id.decode()
            try:
                found.append(_event(self.run_id, self.last_id, fields))
            except (VaultError, KeyError, TypeError, ValueError):
                logger.exception(
                    "a run's stream cannot be read: its worker has another version or other keys, restart the workers",
                    extra={"run": str(self.run_id)},
                )
                found.append(StreamEvent(self.last_id, "failed", _failure("unreadable_stream", retryable=True)))
        return found

    def outage(self) -> StreamEvent | None:
        """Called when Valkey cannot be reached: the event to give up with, once it has been too long."""
        now = time.monotonic()
        if self.unreachable_since is None:
            self.unreachable_since = now
        if now - self.unreachable_since < OUTAGE_SECONDS:
            return None
        return StreamEvent("", "failed", _failure("stream_unreachable", retryable=True))

    def verdict(self, status: RunStatus | None) -> StreamEvent | None:
        """The terminal event that a silent run deserves, or None to go on waiting."""
        if status is None:
            # A run is published when its transaction commits, which may be a moment away.
            self.unknown_seen += 1
            return StreamEvent("", "failed", _failure("unknown_run")) if self.unknown_seen > 2 else None
        if status.live:
            return None
        self.ended_seen += 1
        # The terminal entry follows the commit by a moment: it gets one more look.
        return _event_of(status) if self.ended_seen > 1 else None


async def aread(
    run_id: UUID, last_id: str = "0", *, silent: Callable[[], None] = lambda: None
) -> AsyncGenerator[StreamEvent]:
    """Events of a run after `last_id`, until its terminal event; keepalives every ten silent seconds.

    `silent` is called, where the database may be asked, in each second without an event.
    """
    cursor = _Cursor(run_id, _valid(last_id))
    quiet = 0.0
    async with following(stream_key(run_id), cursor.last_id) as follower:
        while True:
            entries = await follower.arrived.get()
            if entries == []:
                final = cursor.verdict(await aoutside(_settle, run_id, silent))
                if final is not None:
                    yield final
                    return
                quiet += SILENT_SECONDS
                if quiet >= KEEPALIVE_SECONDS:
                    quiet = 0.0
                    yield StreamEvent("", "keepalive")
                continue
            if entries is None:
                if (final := cursor.outage()) is not None:
                    yield final
                    return
                continue
            quiet = 0.0
            for event in cursor.events(entries):
                yield event
                if event.terminal:
                    return


def read(
    run_id: UUID,
    last_id: str = "0",
    *,
    abandoned: Callable[[], bool] = lambda: False,
    silent: Callable[[], None] = lambda: None,
) -> Generator[StreamEvent]:
    """The same for threads, without keepalives.

    In silent seconds `silent` is called, and `abandoned` is asked: when it says so, a run that has not begun ends as
    lost with its worker.
    """
    cursor = _Cursor(run_id, _valid(last_id))
    key = stream_key(run_id)
    while True:
        try:
            answer: Any = client().xread({key: cursor.last_id}, count=BATCH, block=int(SILENT_SECONDS * 1000))
        except UNREACHABLE:
            if (final := cursor.outage()) is not None:
                yield final
                return
            time.sleep(0.2)
            continue
        events = cursor.events([entry for _, entries in answer or () for entry in entries])
        for event in events:
            yield event
            if event.terminal:
                return
        if events:
            continue
        status = _settle(run_id, silent)
        if status is not None and status.state == RunState.QUEUED and abandoned():
            expiry.abandon(run_id, status.organisation_id)
            continue
        final = cursor.verdict(status)
        if final is not None:
            yield final
            return


def terminal_data(ending_status: RunStatus) -> dict[str, Any]:
    """What a terminal event says about a run, from its row."""
    data: dict[str, Any] = {
        "finish_reason": ending_status.finish_reason,
        "usage": ending_status.usage.as_dict(),
        "model": ending_status.model,
        "model_digest": ending_status.model_digest,
    }
    if ending_status.error_code:
        data |= _failure(ending_status.error_code, retryable=ending_status.retryable)
    return data


def _settle(run_id: UUID, silent: Callable[[], None]) -> RunStatus | None:
    """The run's state; one whose lease lapsed is first ended or published again."""
    silent()
    status = lifecycle.statuses([run_id]).get(run_id)
    if status is not None and status.lapsed:
        expiry.settle(run_id, status.organisation_id)
        status = lifecycle.statuses([run_id]).get(run_id)
    return status


def _event(run_id: UUID, entry_id: str, fields: dict[bytes, bytes]) -> StreamEvent:
    context = event_context(run_id, entry_id)
    (event, sealed), *others = fields.items()
    data = dict(json.loads(unseal(sealed, context=context)))
    blob = unseal(dict(others)[BLOB.encode()], context=context + ":blob") if others else None
    return StreamEvent(entry_id, event.decode(), data, blob)


def _event_of(status: RunStatus) -> StreamEvent:
    event = status.state if status.state in RunState.values else "failed"
    return StreamEvent(f"{max(status.attempts, 1)}-{TERMINAL_NUMBER}", event, terminal_data(status))


def _failure(code: str, *, retryable: bool = False) -> dict[str, Any]:
    return {"finish_reason": "error", "error": {"code": code, "retryable": retryable}}


def _valid(last_id: str) -> str:
    """An id as a client sent it back; anything else starts from the beginning."""
    head, _, tail = last_id.partition("-")
    is_place = len(last_id) < 40 and head.isdecimal() and (not tail or tail.isdecimal())
    return last_id if is_place and max(int(head), int(tail or 0)) <= LAST_NUMBER else "0"
