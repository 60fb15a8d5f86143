"""Database work apart from the caller's thread: a few threads with connections of their own.

Two needs: a run that somebody waits for must be committed even where the waiting code is inside a
transaction of its own, and coroutines must not hold a database connection each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

P = ParamSpec("P")
R = TypeVar("R")

THREADS = 4

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="inference-database")


def outside(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls `function` so that what it writes is committed when this returns."""
    if connection.in_atomic_block:
        return submit(function, *args, **kwargs).result()
    return function(*args, **kwargs)


async def aoutside(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The same for coroutines."""
    return await asyncio.wrap_future(submit(function, *args, **kwargs))


def submit(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
    """Starts `function` on one of the threads, as part of the same request. It must be safe to call twice: see
    `resilient`.
    """
    context = copy_context()
    return _threads.submit(lambda: context.run(resilient, function, *args, **kwargs))


def resilient(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls `function`, once more where the connection turns out to have been cut."""
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        close_old_connections()
        return function(*args, **kwargs)
