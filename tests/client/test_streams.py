from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from llmasos import AsyncClient, RateLimitError, ServerError, StreamInterruptedError
from tests.client.servers import DONE, USAGE, Script, chunk, client, event, failure, stream

both = pytest.mark.parametrize("kind", ["blocking", "asynchronous"])


class Outcome:
    """What a stream gave before it ended or failed."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.text = ""
        self.tokens: int | None = None
        self.finish_reason = ""


def read(kind: str, script: Script, outcome: Outcome, *, max_retries: int = 0) -> None:
    prompt = "Hi"
    if kind == "blocking":
        with client(script, max_retries=max_retries) as it, it.stream(prompt) as answer:
            for piece in answer:
                outcome.pieces.append(piece)
            outcome.text, outcome.finish_reason = answer.text, answer.finish_reason
            outcome.tokens = answer.usage.total_tokens if answer.usage else None
        return

    async def run() -> None:
        async with AsyncClient("http://server", "sk-test", transport=script, max_retries=max_retries) as it:
            answer = it.stream(prompt)
            async for piece in answer:
                outcome.pieces.append(piece)
            outcome.text, outcome.finish_reason = answer.text, answer.finish_reason
            outcome.tokens = answer.usage.total_tokens if answer.usage else None

    asyncio.run(run())


@both
def test_pieces_arrive_in_order_and_add_up(kind: str) -> None:
    outcome = Outcome()
    read(kind, Script(stream(chunk("Hel"), chunk("lo"), chunk(None, "stop"), USAGE, DONE)), outcome)
    assert outcome.pieces == ["Hel", "lo"]
    assert (outcome.text, outcome.finish_reason, outcome.tokens) == ("Hello", "stop", 5)


@both
def test_missing_end_mark_is_an_error_that_keeps_the_text(kind: str) -> None:
    with pytest.raises(StreamInterruptedError) as caught:
        read(kind, Script(stream(chunk("Hel"))), Outcome())
    assert caught.value.text == "Hel"


@both
def test_reported_failure_becomes_its_own_error(kind: str) -> None:
    failed = event({"error": {"message": "The model stopped.", "type": "server_error", "status": 500}})
    outcome = Outcome()
    with pytest.raises(ServerError, match="The model stopped"):
        read(kind, Script(stream(chunk("Hel"), failed)), outcome)


@both
def test_refusal_before_the_first_piece_is_raised(kind: str) -> None:
    with pytest.raises(RateLimitError, match=r"No\."):
        read(kind, Script(failure(429)), Outcome())


class Interrupted(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body whose connection is lost after the first piece, and that knows when it was closed."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield chunk("Hel")
        if self.error is not None:
            raise self.error
        yield chunk("lo")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


@both
def test_lost_connection_mid_stream_is_not_tried_again(kind: str) -> None:
    script = Script(httpx.Response(200, stream=Interrupted(httpx.ReadError("reset"))))
    with pytest.raises(StreamInterruptedError) as caught:
        read(kind, script, Outcome())
    assert caught.value.text == "Hel"
    assert len(script.requests) == 1


def numbered(number: int, part: bytes) -> bytes:
    return b"id: %d\n" % number + part


def lost_after(*parts: bytes) -> httpx.Response:
    """A stream whose connection is lost behind these parts."""
    return httpx.Response(200, stream=Broken(parts))


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, parts: tuple[bytes, ...]) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        yield from self.parts
        raise httpx.ReadError("reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            yield part
        raise httpx.ReadError("reset")


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    async def none(_seconds: float) -> None:
        return None

    monkeypatch.setattr("llmasos.client.streams.time.sleep", lambda _seconds: None)
    monkeypatch.setattr("llmasos.client.streams.asyncio.sleep", none)


@both
def test_numbered_stream_goes_on_where_it_was(kind: str, no_pauses: None) -> None:
    script = Script(
        lost_after(numbered(1, chunk("Hel")), b"id: 2\ndata: {"),
        httpx.ConnectError("refused"),
        failure(502),
        stream(numbered(2, chunk("lo")), numbered(3, chunk(None, "stop")), numbered(4, USAGE), numbered(5, DONE)),
    )
    outcome = Outcome()
    read(kind, script, outcome, max_retries=2)
    assert (outcome.pieces, outcome.tokens) == (["Hel", "lo"], 5)
    assert {request.headers.get("Last-Event-ID") for request in script.requests[1:]} == {"1"}
    assert len({request.headers["Idempotency-Key"] for request in script.requests}) == 1


@both
def test_stream_that_is_no_longer_kept_is_interrupted(kind: str, no_pauses: None) -> None:
    script = Script(lost_after(numbered(1, chunk("Hel"))), failure(410))
    with pytest.raises(StreamInterruptedError) as caught:
        read(kind, script, Outcome(), max_retries=2)
    assert caught.value.text == "Hel"
    assert script.answers == []


def test_leaving_a_numbered_stream_stops_the_model() -> None:
    script = Script(lost_after(numbered(1, chunk("Hel"))), httpx.Response(200, json={"cancelled": True}))
    with client(script) as it, it.stream("Hi") as answer:
        assert next(answer) == "Hel"
    assert script.requests[1].url.path == "/v1/chat/completions/chatcmpl-1/cancel"


def test_leaving_the_block_closes_the_connection() -> None:
    body = Interrupted(None)
    with client(Script(httpx.Response(200, stream=body))) as it, it.stream("Hi") as answer:
        assert next(answer) == "Hel"
    assert body.closed


def test_leaving_the_asynchronous_block_closes_the_connection() -> None:
    body = Interrupted(None)

    async def run() -> None:
        script = Script(httpx.Response(200, stream=body))
        async with AsyncClient("http://server", "sk-test", transport=script) as it, it.stream("Hi") as answer:
            assert await anext(answer) == "Hel"

    asyncio.run(run())
    assert body.closed


def test_usage_is_asked_for() -> None:
    script = Script(stream(chunk("x"), DONE))
    read("blocking", script, Outcome())
    assert script.body()["stream_options"] == {"include_usage": True}
