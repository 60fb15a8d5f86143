"""Answers that arrive piece by piece."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from llmasos.client.errors import (
    ConnectionFailedError,
    LLMasOSError,
    StreamInterruptedError,
    UnexpectedReplyError,
    error_for,
)
from llmasos.client.events import EventDecoder, ServerSentEvent
from llmasos.client.results import Usage, usage_from
from llmasos.client.transport import Call, RetryPolicy

_BROKEN_OFF = "The stream broke off before its end. `.text` holds what arrived; ask again for the rest."


class Opens(Protocol):
    """Sends a call and returns a good answer; the errors of `llmasos.client.errors` for any other."""

    def __call__(self, call: Call, *, stream: bool) -> httpx.Response: ...


class AsyncOpens(Protocol):
    """The same for coroutines."""

    async def __call__(self, call: Call, *, stream: bool) -> httpx.Response: ...


class _Progress:
    """What has arrived of a stream so far."""

    def __init__(self) -> None:
        self._decoder = EventDecoder()
        self._parts: list[str] = []
        self.usage: Usage | None = None
        self.finish_reason = ""
        self.model = ""
        self.id = ""
        self.last_id = ""
        """The last event that the server numbered; a stream without numbers cannot be taken up again."""
        self.is_over = False

    def begin_again(self) -> None:
        """Forget half of an event: it comes again whole."""
        self._decoder = EventDecoder()

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def feed(self, chunk: bytes) -> list[str]:
        """Take bytes and return the new pieces of text. Raises the error that the stream reports."""
        return [piece for event in self._decoder.feed(chunk) if (piece := self._take(event))]

    def _take(self, event: ServerSentEvent) -> str:
        if self.is_over:
            return ""
        self.last_id = event.id or self.last_id
        if event.data == "[DONE]":
            self.is_over = True
            return ""
        try:
            body = json.loads(event.data)
        except ValueError as error:
            raise UnexpectedReplyError("The stream holds something that is not JSON.") from error
        if not isinstance(body, Mapping):
            raise UnexpectedReplyError("The stream holds something that is not an object.")
        if "error" in body:
            self.is_over = True
            failure = body["error"] if isinstance(body["error"], Mapping) else {}
            raise error_for(status=int(failure.get("status") or 500), body=body)
        return self._take_chunk(body)

    def _take_chunk(self, body: Mapping[str, Any]) -> str:
        self.model = body.get("model") or self.model
        self.id = body.get("id") or self.id
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

    def __init__(self, call: Call, retries: RetryPolicy) -> None:
        self._call = call
        self._retries = retries
        self._progress = _Progress()
        self._attempt_number = 0
        self._heard = time.monotonic()

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

    def _taken(self, chunk: bytes) -> list[str]:
        self._heard, self._attempt_number = time.monotonic(), 0
        return self._progress.feed(chunk)

    def _rest(self) -> Call:
        """Return the call for what has not arrived yet."""
        self._progress.begin_again()
        return replace(self._call, after=self._progress.last_id)

    def _pause(self, error: LLMasOSError) -> float:
        """Return seconds to wait before the stream is taken up. Raises StreamInterruptedError when it is not."""
        pause = None
        if self._progress.last_id:
            silent = time.monotonic() - self._heard
            pause = self._retries.resuming_pause(self._attempt_number, error, silent)
        self._attempt_number += 1
        if pause is None:
            self._progress.is_over = True
            raise StreamInterruptedError(_BROKEN_OFF, text=self.text) from error
        return pause

    def _stopping(self) -> Call | None:
        """Return the call that stops the model, where it may still be busy."""
        if self._progress.is_over or not self._progress.last_id:
            return None
        self._progress.is_over = True
        return Call("POST", f"/v1/chat/completions/{self._progress.id}/cancel")


class Stream(_StreamState):
    """An iterator over pieces of text. Leaving its `with` block stops the model if it is still busy."""

    def __init__(self, call: Call, first: Opens, again: Opens, retries: RetryPolicy) -> None:
        super().__init__(call, retries)
        self._again = again
        self._response = first(call, stream=True)
        self._pieces = self._read()

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
        """Close the connection and stop the model. Safe to call twice."""
        self._response.close()
        stopping = self._stopping()
        if stopping is not None:
            with suppress(LLMasOSError):
                self._again(stopping, stream=False)

    def _read(self) -> Iterator[str]:
        while True:
            failure: Exception | None = None
            try:
                for chunk in self._response.iter_bytes():
                    yield from self._taken(chunk)
                    if self._progress.is_over:
                        return
            except (httpx.TransportError, httpx.StreamError) as error:
                failure = error
            finally:
                self._response.close()
            self._take_up(failure)

    def _take_up(self, failure: Exception | None) -> None:
        """Open the rest of the stream. Raises StreamInterruptedError where that cannot be."""
        error = _lost(failure)
        while True:
            time.sleep(self._pause(error))
            try:
                self._response = self._again(self._rest(), stream=True)
            except LLMasOSError as refusal:
                error = refusal
            else:
                return


class AsyncStream(_StreamState):
    """The asynchronous twin of Stream: `async for piece in client.stream(...)`.

    The request is sent when the stream is entered or first read.
    """

    def __init__(self, call: Call, first: AsyncOpens, again: AsyncOpens, retries: RetryPolicy) -> None:
        super().__init__(call, retries)
        self._first = first
        self._again = again
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
        """Close the connection and stop the model. Safe to call twice."""
        if self._response is not None:
            await self._response.aclose()
        stopping = self._stopping()
        if stopping is not None:
            with suppress(LLMasOSError):
                await self._again(stopping, stream=False)

    async def _open(self) -> AsyncIterator[str]:
        if self._pieces is None:
            self._response = await self._first(self._call, stream=True)
            self._pieces = self._read(self._response)
        return self._pieces

    async def _read(self, response: httpx.Response) -> AsyncIterator[str]:
        while True:
            failure: Exception | None = None
            try:
                async for chunk in response.aiter_bytes():
                    for piece in self._taken(chunk):
                        yield piece
                    if self._progress.is_over:
                        return
            except (httpx.TransportError, httpx.StreamError) as error:
                failure = error
            finally:
                await response.aclose()
            response = self._response = await self._take_up(failure)

    async def _take_up(self, failure: Exception | None) -> httpx.Response:
        """Open the rest of the stream. Raises StreamInterruptedError where that cannot be."""
        error = _lost(failure)
        while True:
            await asyncio.sleep(self._pause(error))
            try:
                return await self._again(self._rest(), stream=True)
            except LLMasOSError as refusal:
                error = refusal


def _lost(failure: Exception | None) -> LLMasOSError:
    """Return the error that a connection stands for that ended before the stream did."""
    lost = ConnectionFailedError("The connection was lost midway.")
    lost.__cause__ = failure
    return lost
