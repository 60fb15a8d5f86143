"""Reading many streams at once: one command waits for all that the coroutines of an event loop follow.

A command and a connection of its own for each stream cost a web process more than all else that it did for a token.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from redis.exceptions import ResponseError

from llmasos.inference.valkey import UNREACHABLE, async_client

SILENT_SECONDS = 1.0
"""After how long without anything a reader is told so."""
LOOK_SECONDS = 0.25
WAIT_SECONDS = 10.0
"""How long one command waits: less than a connection's own time-out."""
RETRY_SECONDS = 0.2
BELL_SECONDS = 60
BATCH = 200

_XREAD = (b"XREAD", b"COUNT", b"%d" % BATCH, b"BLOCK", b"%d" % (WAIT_SECONDS * 1000), b"STREAMS")

Entries = list[tuple[bytes, dict[bytes, bytes]]]


class Follower:
    """One reader of one stream, and what has arrived for it.

    That is entries, none of them after each silent second, or None where Valkey could not be reached.
    """

    def __init__(self, key: str, last_id: str) -> None:
        self.key = key.encode()
        self.packed_key = _packed(self.key)
        self._move(last_id.encode())
        self.heard_at = time.monotonic()
        self.arrived: asyncio.Queue[Entries | None] = asyncio.Queue()

    def give(self, entries: Entries) -> None:
        """Hand over what this reader does not have yet."""
        new = [entry for entry in entries if _place(entry[0]) > self.place]
        if new:
            self._move(new[-1][0])
            self.heard_at = time.monotonic()
            self.arrived.put_nowait(new)

    def _move(self, last_id: bytes) -> None:
        self.place = _place(last_id)
        self.packed_place = _packed(b"%d-%d" % self.place)

    def look(self, now: float) -> None:
        """Tell a reader that waits of a silent second."""
        if now - self.heard_at >= SILENT_SECONDS and self.arrived.empty():
            self.heard_at = now
            self.arrived.put_nowait([])


class _Following:
    """What one event loop follows."""

    def __init__(self) -> None:
        self._followers: dict[bytes, list[Follower]] = {}
        # An entry here ends the wait of a command that was sent before there was a new follower.
        self._bell = f"llmasos:bell:{uuid4()}".encode()
        self._rung = b"0"
        self._is_waiting = False
        self._reading: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None

    async def add(self, follower: Follower) -> None:
        self._followers.setdefault(follower.key, []).append(follower)
        loop = asyncio.get_running_loop()
        if self._looking is None or self._looking.done():
            self._looking = loop.create_task(self._look())
        if self._reading is None or self._reading.done():
            self._reading = loop.create_task(self._read())
        elif self._is_waiting:
            try:
                async with async_client().pipeline(transaction=False) as pipeline:
                    pipeline.xadd(self._bell, {b"": b""}, maxlen=1)
                    pipeline.expire(self._bell, BELL_SECONDS)
                    await pipeline.execute()
            except UNREACHABLE:
                # The command that waits ends likewise, and its followers hear of it.
                return

    def remove(self, follower: Follower) -> None:
        others = self._followers[follower.key]
        others.remove(follower)
        if not others:
            del self._followers[follower.key]

    async def _read(self) -> None:
        pool: Any = async_client().connection_pool
        while self._followers:
            try:
                connection = await pool.get_connection()
                try:
                    while self._followers:
                        self._is_waiting = True
                        await connection.send_packed_command(self._command())
                        _end_if_cancelled()
                        answer = await connection.read_response()
                        self._is_waiting = False
                        self._hand_over(dict(answer or {}))
                finally:
                    self._is_waiting = False
                    await pool.release(connection)
            except (ResponseError, *UNREACHABLE):
                for follower in self._all():
                    follower.arrived.put_nowait(None)
                await asyncio.sleep(RETRY_SECONDS)

    def _hand_over(self, answer: dict[bytes, list[tuple[bytes, list[bytes]]]]) -> None:
        for key, entries in answer.items():
            if key == self._bell:
                self._rung = entries[-1][0]
            found = [(entry_id, dict(zip(fields[::2], fields[1::2], strict=True))) for entry_id, fields in entries]
            for follower in self._followers.get(key, ()):
                follower.give(found)

    def _command(self) -> bytes:
        """XREAD as it is sent. To have it written anew for each change cost more than what it answers."""
        first = [min(followers, key=lambda one: one.place) for followers in self._followers.values()]
        parts = [
            b"*%d\r\n" % (len(_XREAD) + 2 + 2 * len(first)),
            *map(_packed, (*_XREAD, self._bell)),
            *(follower.packed_key for follower in first),
            _packed(self._rung),
            *(follower.packed_place for follower in first),
        ]
        return b"".join(parts)

    async def _look(self) -> None:
        while self._followers:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for follower in self._all():
                follower.look(now)

    def _all(self) -> list[Follower]:
        return [one for followers in self._followers.values() for one in followers]


_following: WeakKeyDictionary[asyncio.AbstractEventLoop, _Following] = WeakKeyDictionary()


@asynccontextmanager
async def following(key: str, last_id: str) -> AsyncGenerator[Follower]:
    """Follow a stream from behind an entry."""
    here = _following.setdefault(asyncio.get_running_loop(), _Following())
    follower = Follower(key, last_id)
    await here.add(follower)
    try:
        yield follower
    finally:
        here.remove(follower)


def _end_if_cancelled() -> None:
    """The driver sends by ``asyncio.wait_for``, which loses a cancellation that comes just when that ends."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _place(entry_id: bytes) -> tuple[int, int]:
    """Where an entry stands; an id without a number of its own is before all with its beginning."""
    head, _, tail = entry_id.partition(b"-")
    return int(head), int(tail or 0)


def _packed(argument: bytes) -> bytes:
    """An argument of a command as it is sent."""
    return b"$%d\r\n%b\r\n" % (len(argument), argument)
