"""Connections to Valkey: one shared pool for threads, one client an event loop for coroutines."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import TimeoutError as ValkeyTimeoutError
from redis.retry import Retry

UNREACHABLE = (ValkeyConnectionError, ValkeyTimeoutError, OSError)
"""What a call raises while Valkey is away."""

IMPATIENT_SECONDS = 1.0

_lock = threading.Lock()
_clients: dict[tuple[str, float], redis.Redis] = {}
_away: ContextVar[bool] = ContextVar("valkey_away", default=False)
_async_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()


def client() -> redis.Redis:
    """The process's client, safe for threads. Answers are bytes. Calls block 12 seconds at most.

    Raises ValkeyTimeoutError within an ``impatient`` block that found Valkey away.
    """
    if is_away():
        raise ValkeyTimeoutError("Valkey did not answer a moment ago")
    return _client(seconds=12)


def is_away() -> bool:
    """Whether the ``impatient`` block around this found that Valkey does not answer."""
    return _away.get()


@contextmanager
def impatient() -> Iterator[None]:
    """For pages that tell how things are: Valkey is asked once, for a second at most; where it does not answer, every
    call within the block fails at once, instead of each waiting for its own twelve seconds.
    """
    try:
        _client(seconds=IMPATIENT_SECONDS).ping()
        token = _away.set(False)
    except UNREACHABLE:
        token = _away.set(True)
    try:
        yield
    finally:
        _away.reset(token)


def _client(*, seconds: float) -> redis.Redis:
    key = (settings.VALKEY_URL, seconds)
    found = _clients.get(key)
    if found is None:
        with _lock:
            found = _clients.get(key)
            if found is None:
                # One immediate second try covers a connection that a restart has closed.
                found = redis.Redis.from_url(
                    settings.VALKEY_URL,
                    socket_timeout=seconds,
                    socket_connect_timeout=min(seconds, 2),
                    retry=Retry(NoBackoff(), 1),
                )
                _clients[key] = found
    return found


def async_client() -> redis.asyncio.Redis:
    """The running event loop's client. Answers are bytes."""
    loop = asyncio.get_running_loop()
    found = _async_clients.get(loop)
    if found is None:
        found = redis.asyncio.Redis.from_url(
            settings.VALKEY_URL,
            socket_timeout=12,
            socket_connect_timeout=2,
            retry=AsyncRetry(NoBackoff(), 1),
        )
        _async_clients[loop] = found
    return found
