"""How much a request may carry, counted before Django keeps any of it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from llmasos.runtime import body_limit
from llmasos.runtime.body_limit import BodyLimit, Message, Receive, Scope, Send, limit_of

UPLOAD = "/o/shop/knowledge/00000000-0000-4000-8000-000000000001/upload/"


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads a body to its end, gives up when the client is gone, and then answers its length."""
    read = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        read += len(message["body"])
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(read).encode()})


async def answer(path: str, parts: Iterable[bytes], *, announced: int | None = None) -> tuple[int, int]:
    """Send a body in parts; return the status and how many parts were taken."""
    waiting = list(parts)
    taken = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if announced is None else [(b"Content-Length", str(announced).encode())]
    await BodyLimit(reading)({"type": "http", "path": path, "headers": headers}, receive, send)
    return int(sent[0]["status"]), taken


async def _never() -> Message:
    raise AssertionError("nothing is read")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "BODY_BYTES", 10)
    monkeypatch.setattr(body_limit, "UPLOAD_BYTES", 30)


async def test_a_body_within_the_limit_arrives() -> None:
    assert await answer("/v1/embeddings", [b"12345", b"67890"], announced=10) == (200, 2)


async def test_a_body_beyond_the_limit_is_refused_unread() -> None:
    assert await answer("/v1/embeddings", [b"x" * 11], announced=11) == (413, 0)


@pytest.mark.parametrize(
    ("path", "accepted", "form"),
    [
        ("/v1/embeddings", b"*/*", "application/json"),
        ("/api/search", b"*/*", "application/problem+json"),
        ("/knowledge", b"application/json", "application/problem+json"),
        ("/knowledge", b"text/html,*/*;q=0.8", "text/plain; charset=utf-8"),
    ],
)
async def test_programs_are_told_of_a_large_body_in_their_own_form(path: str, accepted: bytes, form: str) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-length", b"11"), (b"accept", accepted)]
    await BodyLimit(reading)({"type": "http", "path": path, "headers": headers}, _never, send)
    assert dict(sent[0]["headers"])[b"content-type"].decode() == form
    assert b"too large" in sent[1]["body"]


async def test_a_body_that_grows_beyond_the_limit_is_cut_off() -> None:
    assert await answer("/v1/embeddings", [b"123456"] * 100) == (413, 2)


async def test_a_body_that_understates_its_length_is_cut_off() -> None:
    assert await answer("/v1/embeddings", [b"123456"] * 100, announced=6) == (413, 2)


async def test_a_page_for_files_takes_more() -> None:
    assert await answer(UPLOAD, [b"x" * 30], announced=30) == (200, 1)
    assert await answer(UPLOAD, [b"x" * 31], announced=31) == (413, 0)


@pytest.mark.parametrize("path", [UPLOAD + "more/", UPLOAD.removesuffix("/"), "/x" + UPLOAD, "/o/../" + UPLOAD])
def test_only_the_page_for_files_takes_more(path: str) -> None:
    assert limit_of(path) == 10


async def test_a_length_that_is_no_number_is_counted_all_the_same() -> None:
    scope_headers = [(b"content-length", b"1e9")]
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 11, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    await BodyLimit(reading)({"type": "http", "path": "/", "headers": scope_headers}, receive, send)
    assert sent[0]["status"] == 413
