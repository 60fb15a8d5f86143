"""Reading many streams at once: one command waits for all that the coroutines of an event loop follow.

A command and a connection of its own for each stream cost a web process more than all else that it did for a token.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from redis.exceptions import ResponseError

from llmasos.inference.valkey import UNREACHABLE, async_client

WAIT_SECONDS = 10.0
"""How long one command waits: less than a connection's own time-out."""
RETRY_SECONDS = 0.2
BELL_SECONDS = 60
BATCH = 200

Entries = list[tuple[bytes, dict[bytes, bytes]]]


class Follower:
    """One reader of one stream, and what has arrived for it: entries, or None where Valkey could not be reached."""

    def __init__(self, key: str, last_id: str) -> None:
        self.key = key
        self.place = _place(last_id.encode())
        self.arrived: asyncio.Queue[Entries | None] = asyncio.Queue()

    def give(self, entries: Entries) -> None:
        """Hand over what this reader does not have yet."""
        new = [entry for entry in entries if _place(entry[0]) > self.place]
        if new:
            self.place = _place(new[-1][0])
            self.arrived.put_nowait(new)


class _Following:
    """What one event loop follows."""

    def __init__(self) -> None:
        self._followers: dict[str, list[Follower]] = {}
        # An entry here ends the wait of a command that was sent before there was a new follower.
        self._bell = f"llmasos:bell:{uuid4()}"
        self._rung = b"0"
        self._is_waiting = False
        self._task: asyncio.Task[None] | None = None

    async def add(self, follower: Follower) -> None:
        self._followers.setdefault(follower.key, []).append(follower)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
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

    async def _run(self) -> None:
        while self._followers:
            places: dict[Any, Any] = {self._bell: self._rung}
            for key, followers in self._followers.items():
                places[key] = b"%d-%d" % min(follower.place for follower in followers)
            self._is_waiting = True
            try:
                answer: Any = await async_client().xread(places, count=BATCH, block=int(WAIT_SECONDS * 1000))
            except (ResponseError, *UNREACHABLE):
                self._is_waiting = False
                for follower in [one for followers in self._followers.values() for one in followers]:
                    follower.arrived.put_nowait(None)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._is_waiting = False
            for key, entries in dict(answer or {}).items():
                if key == self._bell.encode():
                    self._rung = entries[-1][0]
                for follower in self._followers.get(key.decode(), ()):
                    follower.give(entries)


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


def _place(entry_id: bytes) -> tuple[int, int]:
    """Where an entry stands; an id without a number of its own is before all with its beginning."""
    head, _, tail = entry_id.partition(b"-")
    return int(head), int(tail or 0)
