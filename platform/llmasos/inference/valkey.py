"""Connections to Valkey: one shared pool for threads, one client an event loop for coroutines."""

from __future__ import annotations

import asyncio
import threading
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

_lock = threading.Lock()
_clients: dict[str, redis.Redis] = {}
_async_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, redis.asyncio.Redis] = WeakKeyDictionary()


def client() -> redis.Redis:
    """The process's client, safe for threads. Answers are bytes. Calls block 12 seconds at most."""
    url = settings.VALKEY_URL
    found = _clients.get(url)
    if found is None:
        with _lock:
            found = _clients.get(url)
            if found is None:
                # One immediate second try covers a connection that a restart has closed.
                found = redis.Redis.from_url(
                    url, socket_timeout=12, socket_connect_timeout=2, retry=Retry(NoBackoff(), 1)
                )
                _clients[url] = found
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
