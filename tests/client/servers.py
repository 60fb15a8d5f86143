"""Scripted HTTP answers for the client's tests, over httpx's own mock transport."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx

from llmasos import AsyncClient, Client

Answer = httpx.Response | Exception


class Script(httpx.MockTransport):
    """Gives prepared answers one after the other and keeps the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        super().__init__(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def body(self, number: int = 0) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(self.requests[number].content)
        return decoded


def client(script: Script, **options: Any) -> Client:
    return Client("http://server", "sk-test", transport=script, **options)


def call(kind: str, script: Script, use: Callable[[Any], Any], **options: Any) -> Any:
    """Use the blocking or the asynchronous client and return the plain result."""
    if kind == "blocking":
        with client(script, **options) as blocking:
            return use(blocking)

    async def run() -> Any:
        async with AsyncClient("http://server", "sk-test", transport=script, **options) as twin:
            return await use(twin)

    return asyncio.run(run())


def completion(text: str = "Hello", **fields: Any) -> httpx.Response:
    return httpx.Response(
        200,
        json={
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": "echo",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
            "timings": {"queue_ms": 0.5, "prefill_ms": 2.0, "decode_ms": 9.0},
            **fields,
        },
    )


def failure(status: int, *, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
    error = {"message": "No.", "type": "invalid_request_error", "code": "nope", "param": None, **fields}
    return httpx.Response(status, json={"error": error}, headers=headers)


def event(body: object) -> bytes:
    return b"data: " + (body if isinstance(body, bytes) else json.dumps(body).encode()) + b"\n\n"


def chunk(text: str | None = None, finish_reason: str | None = None) -> bytes:
    delta = {} if text is None else {"content": text}
    return event(
        {
            "id": "chatcmpl-1",
            "model": "echo",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        }
    )


USAGE = event(
    {"id": "chatcmpl-1", "model": "echo", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
)
DONE = event(b"[DONE]")


def stream(*parts: bytes) -> httpx.Response:
    return httpx.Response(200, content=b"".join(parts), headers={"Content-Type": "text/event-stream"})
