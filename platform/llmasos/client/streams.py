"""Answers that arrive piece by piece."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from llmasos.client.errors import (
    ConnectionFailedError,
    StreamInterruptedError,
    UnexpectedReplyError,
    error_for,
)
from llmasos.client.events import EventDecoder, ServerSentEvent
from llmasos.client.results import Usage, usage_from

_BROKEN_OFF = "The stream broke off before its end. `.text` holds what arrived; ask again for the rest."


class _Progress:
    """What has arrived of a stream so far."""

    def __init__(self) -> None:
        self._decoder = EventDecoder()
        self._parts: list[str] = []
        self.usage: Usage | None = None
        self.finish_reason = ""
        self.model = ""
        self.complete = False

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def feed(self, chunk: bytes) -> list[str]:
        """Take bytes and return the new pieces of text. Raises the error that the stream reports."""
        return [piece for event in self._decoder.feed(chunk) if (piece := self._take(event))]

    def _take(self, event: ServerSentEvent) -> str:
        if self.complete:
            return ""
        if event.data == "[DONE]":
            self.complete = True
            return ""
        try:
            body = json.loads(event.data)
        except ValueError as error:
            raise UnexpectedReplyError("The stream holds something that is not JSON.") from error
        if not isinstance(body, Mapping):
            raise UnexpectedReplyError("The stream holds something that is not an object.")
        if "error" in body:
            failure = body["error"] if isinstance(body["error"], Mapping) else {}
            raise error_for(status=int(failure.get("status") or 500), body=body)
        return self._take_chunk(body)

    def _take_chunk(self, body: Mapping[str, Any]) -> str:
        self.model = body.get("model") or self.model
        if body.get("usage"):
            self.usage = usage_from(body)
        piece = ""
        for choice in body.get("choices") or ():
            delta = choice.get("delta")
            piece += (delta.get("content") if delta is not None else choice.get("text")) or ""
            self.finish_reason = choice.get("finish_reason") or self.finish_reason
        if piece:
            self._parts.append(piece)
        return piece


class _StreamState:
    """The attributes that both kinds of stream offer."""

    def __init__(self) -> None:
        self._progress = _Progress()

    @property
    def text(self) -> str:
        """Everything that has arrived so far; the whole answer once the stream has ended."""
        return self._progress.text

    @property
    def usage(self) -> Usage | None:
        """Tokens and timings; None until the stream has ended."""
        return self._progress.usage

    @property
    def finish_reason(self) -> str:
        """ "stop" or "length" once the stream has ended, else empty."""
        return self._progress.finish_reason

    @property
    def model(self) -> str:
        """The model that answers; empty until the first piece has arrived."""
        return self._progress.model

    def _interrupted(self) -> StreamInterruptedError:
        return StreamInterruptedError(_BROKEN_OFF, text=self.text)


class Stream(_StreamState):
    """An iterator over pieces of text. Leaving its `with` block stops the model if it is still busy."""

    def __init__(self, open_response: Callable[[], httpx.Response]) -> None:
        super().__init__()
        self._response = open_response()
        self._pieces = self._read(self._response)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return next(self._pieces)

    def close(self) -> None:
        """Close the connection; the server then stops the model. Safe to call twice."""
        self._response.close()

    def _read(self, response: httpx.Response) -> Iterator[str]:
        try:
            for chunk in response.iter_bytes():
                yield from self._progress.feed(chunk)
                if self._progress.complete:
                    return
        except (httpx.TransportError, httpx.StreamError, ConnectionFailedError) as error:
            raise self._interrupted() from error
        finally:
            response.close()
        raise self._interrupted()


class AsyncStream(_StreamState):
    """The asynchronous twin of Stream: `async for piece in client.stream(...)`.

    The request is sent when the stream is entered or first read.
    """

    def __init__(self, open_response: Callable[[], Awaitable[httpx.Response]]) -> None:
        super().__init__()
        self._open_response = open_response
        self._response: httpx.Response | None = None
        self._pieces: AsyncIterator[str] | None = None

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        return await anext(await self._open())

    async def aclose(self) -> None:
        """Close the connection; the server then stops the model. Safe to call twice."""
        if self._response is not None:
            await self._response.aclose()

    async def _open(self) -> AsyncIterator[str]:
        if self._pieces is None:
            self._response = await self._open_response()
            self._pieces = self._read(self._response)
        return self._pieces

    async def _read(self, response: httpx.Response) -> AsyncIterator[str]:
        try:
            async for chunk in response.aiter_bytes():
                for piece in self._progress.feed(chunk):
                    yield piece
                if self._progress.complete:
                    return
        except (httpx.TransportError, httpx.StreamError) as error:
            raise self._interrupted() from error
        finally:
            await response.aclose()
        raise self._interrupted()
