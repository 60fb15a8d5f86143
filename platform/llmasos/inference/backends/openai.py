"""Text generation by a server that speaks the OpenAI API: vLLM, Ollama, llama.cpp's server, or a vendor."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from llmasos.inference.backends.base import (
    GENERATE,
    Backend,
    BackendInfo,
    Completion,
    ModelSource,
    OnDetail,
    OnText,
    no_detail,
)
from llmasos.inference.backends.openai_form import Hearing, turns, wishes
from llmasos.inference.errors import InvalidRequest, ModelUnavailable, TooLong
from llmasos.inference.types import GenerationRequest

TRIES = 3
PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
CONNECT_SECONDS = 5.0
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0
_REASONS = frozenset({"length", "tool_calls", "cancelled"})
_WORTH_ANOTHER_TRY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class OpenAIBackend(Backend):
    """Streams from the server. Nothing is asked of it before the first request, so that it may be down at the start.

    The digest is of the server's address and the model's name there: which weights it runs cannot be known from here.
    """

    def __init__(self, source: ModelSource) -> None:
        if not source.server or not source.server_model:
            raise ModelUnavailable(f"model {source.name} has no server: its source is server:https://HOST/v1#MODEL")
        self.is_local = not source.is_outside
        self._model = source.server_model
        self._breaker = Breaker()
        self._client = httpx.Client(
            base_url=source.server,
            headers={"Authorization": f"Bearer {source.key}"} if source.key else {},
            limits=httpx.Limits(max_connections=source.slots),
            follow_redirects=False,
        )
        self.info = BackendInfo(
            tasks=frozenset({GENERATE}),
            digest=hashlib.sha256(f"{source.server}#{source.server_model}".encode()).hexdigest(),
            context_tokens=source.context_tokens,
            slots=source.slots,
        )

    def generate(
        self, request: GenerationRequest, on_text: OnText, *, owner: str, on_detail: OnDetail = no_detail
    ) -> Completion:
        path, body = self._asked(request)
        self._breaker.require_closed()
        heard = _Heard(Hearing(request, on_text, on_detail))
        for number in range(TRIES):
            try:
                with self._stream(path, body, request.deadline_seconds) as response:
                    heard.take(response)
                self._breaker.succeeded()
                return heard.completion()
            except _RefusedError as refused:
                # What the caller has seen cannot be taken back: only a request without any text is tried again.
                again = refused.may_be_tried and not heard.shown.pieces and number + 1 < TRIES
                if not again:
                    self._breaker.failed(refused)
                    raise refused.as_error() from refused.__cause__
                time.sleep(min(refused.wait or PAUSE_SECONDS * 2**number, LONGEST_PAUSE_SECONDS))
        raise AssertionError("the last try returns or raises")

    def _asked(self, request: GenerationRequest) -> tuple[str, dict[str, Any]]:
        body: dict[str, Any] = {
            "model": self._model,
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            **wishes(request),
        }
        if request.prompt is not None:
            if not request.prompt.strip():
                raise InvalidRequest("the prompt is empty")
            return "completions", body | {"prompt": request.prompt}
        if not any(one.content.strip() for one in request.messages or ()):
            raise InvalidRequest("the prompt is empty")
        return "chat/completions", body | {"messages": turns(request)}

    @contextmanager
    def _stream(self, path: str, body: dict[str, Any], seconds: float) -> Iterator[httpx.Response]:
        try:
            with self._client.stream(
                "POST", path, json=body, timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS)
            ) as response:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise _RefusedError(response.status_code, wait=_wait(response), is_too_long=_is_too_long(response))
                yield response
        except httpx.HTTPError as error:
            raise _RefusedError(0, type(error).__name__) from error

    def close(self) -> None:
        self._client.close()


class Breaker:
    """Stops asking a server that has failed again and again, for a while; then one request may try it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again_at = 0.0

    def require_closed(self) -> None:
        """Raise ModelUnavailable while the server is left alone."""
        with self._lock:
            if time.monotonic() < self._closed_again_at:
                raise ModelUnavailable("the model's server does not answer; it is tried again soon")

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self, refused: _RefusedError) -> None:
        """Count a failure of the server; a request that it refused as wrong is none."""
        if not refused.may_be_tried:
            return
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._closed_again_at = time.monotonic() + OPEN_SECONDS


@dataclass
class _RefusedError(Exception):
    """The server did not do it. ``status`` 0 is a connection that failed; ``wait`` are seconds that it asked for.

    ``reason`` is in words of ours: what the server says of an error may repeat the prompt, and goes no further.
    """

    status: int
    reason: str = ""
    wait: float = 0.0
    is_too_long: bool = False

    @property
    def may_be_tried(self) -> bool:
        return self.status == 0 or self.status in _WORTH_ANOTHER_TRY

    def as_error(self) -> InvalidRequest | ModelUnavailable:
        if self.status in {401, 403}:
            return ModelUnavailable("the model's server refuses the key of this installation")
        if self.status == httpx.codes.NOT_FOUND:
            return ModelUnavailable("the model's server knows no such model or address")
        if self.is_too_long:
            return TooLong("the prompt is longer than the model's server reads: send less")
        if not self.may_be_tried:
            return InvalidRequest(
                f"the model's server refused the request with status {self.status}: it may be longer than the model"
                " reads, or ask for something that the server cannot do"
            )
        reason = f"answered {self.status}" if self.status else f"could not be reached ({self.reason})"
        return ModelUnavailable(f"the model's server {reason}")


@dataclass
class _Heard:
    """What came of one stream."""

    shown: Hearing
    usage: dict[str, Any] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    def take(self, response: httpx.Response) -> None:
        """Read the events until the stream ends or the reader wants no more; leaving it closes the connection."""
        for line in response.iter_lines():
            data = line.removeprefix("data:").strip()
            if not line.startswith("data:") or not data:
                continue
            if data == "[DONE]":
                return
            try:
                chunk = json.loads(data)
            except ValueError:
                raise _RefusedError(502) from None
            if chunk.get("error"):
                raise _RefusedError(500)
            self.usage = chunk.get("usage") or self.usage
            if self.shown.take(chunk):
                return
        if not self.shown.reason:
            raise _RefusedError(0, "the stream ended early")

    def completion(self) -> Completion:
        ended = time.perf_counter()
        first = self.shown.first or ended
        return Completion(
            finish_reason=self.shown.reason if self.shown.reason in _REASONS else "stop",
            prompt_tokens=int(self.usage.get("prompt_tokens", 0)),
            completion_tokens=int(self.usage.get("completion_tokens", self.shown.pieces)),
            prefill_ms=(first - self.started) * 1000,
            decode_ms=(ended - first) * 1000,
        )


def _is_too_long(response: httpx.Response) -> bool:
    """Whether the server says so by OpenAI's code or llama.cpp's type; others say it in words alone."""
    try:
        error: dict[str, Any] = response.json()["error"]
        return bool(error.get("code") == TooLong.code or error.get("type") == "exceed_context_size_error")
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def _wait(response: httpx.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0
