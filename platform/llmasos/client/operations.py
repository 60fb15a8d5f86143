"""Operations written once and offered twice: to blocking programs and to coroutines.

A function that returns an `Operation` or a `Listing` says what is sent and how the answer is read. `blocking` and
`pages` turn it into a method of a blocking resource, `awaiting` and `async_pages` into one of its asynchronous twin.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar
from urllib.parse import urlsplit

import httpx

from llmasos.client.decoding import decoded
from llmasos.client.errors import UnexpectedReplyError
from llmasos.client.transport import Call, json_object

T = TypeVar("T")
P = ParamSpec("P")
Send = Callable[[Call], httpx.Response]
SendAsync = Callable[[Call], Awaitable[httpx.Response]]


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """One call, and how its answer is read."""

    call: Call
    read: Callable[[httpx.Response], T]


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list in pages, and what its rows are."""

    call: Call
    row: type[T]


class Resource:
    """A part of the blocking client."""

    def __init__(self, send: Send) -> None:
        self._send = send


class AsyncResource:
    """A part of the asynchronous client."""

    def __init__(self, send: SendAsync) -> None:
        self._send = send


def asks(call: Call, kind: type[T]) -> Operation[T]:
    """Return an operation whose answer is one object."""
    return Operation(call, lambda response: decoded(kind, json_object(response)))


def does(call: Call) -> Operation[None]:
    """Return an operation that answers nothing."""
    return Operation(call, lambda _response: None)


def blocking(make: Callable[P, Operation[T]]) -> Callable[Concatenate[Any, P], T]:
    """Return a method that does an operation."""

    @wraps(make)
    def method(self: Resource, /, *args: P.args, **kwargs: P.kwargs) -> T:
        operation = make(*args, **kwargs)
        return operation.read(self._send(operation.call))

    return method


def awaiting(make: Callable[P, Operation[T]]) -> Callable[Concatenate[Any, P], Awaitable[T]]:
    """Return a coroutine method that does an operation."""

    @wraps(make)
    async def method(self: AsyncResource, /, *args: P.args, **kwargs: P.kwargs) -> T:
        operation = make(*args, **kwargs)
        return operation.read(await self._send(operation.call))

    return method


def pages(make: Callable[P, Listing[T]]) -> Callable[Concatenate[Any, P], Iterator[T]]:
    """Return a method that walks through every page of a list; a page is asked for when it is reached."""

    @wraps(make)
    def method(self: Resource, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        listing = make(*args, **kwargs)
        call: Call | None = listing.call
        while call is not None:
            rows, call = _page(json_object(self._send(call)), listing.row)
            yield from rows

    return method


def async_pages(make: Callable[P, Listing[T]]) -> Callable[Concatenate[Any, P], AsyncIterator[T]]:
    """Return the asynchronous twin of what `pages` returns."""

    @wraps(make)
    async def method(self: AsyncResource, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        listing = make(*args, **kwargs)
        call: Call | None = listing.call
        while call is not None:
            rows, call = _page(json_object(await self._send(call)), listing.row)
            for row in rows:
                yield row

    return method


def _page(body: Mapping[str, Any], row: type[T]) -> tuple[list[T], Call | None]:
    if not isinstance(body.get("results"), list):
        raise UnexpectedReplyError("The server's answer is no list. Check that base_url points at an LLMasOS server.")
    rows = [decoded(row, one) for one in body["results"]]
    after = body.get("next")
    if not after:
        return rows, None
    # The server's idea of its own host may be another than the client's.
    place = urlsplit(str(after))
    return rows, Call("GET", f"{place.path}?{place.query}")
