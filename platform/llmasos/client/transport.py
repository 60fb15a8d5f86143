"""What the blocking and the asynchronous client share: requests, retries, and reading answers."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from llmasos.client.credentials import Credentials
from llmasos.client.errors import (
    APIStatusError,
    ConnectionFailedError,
    RequestTimeoutError,
    UnexpectedReplyError,
    error_for,
)
from llmasos.client.results import Message

DEFAULT_TIMEOUT_SECONDS = 120.0
DEFAULT_MAX_TOKENS = 256
CONNECT_TIMEOUT_SECONDS = 5.0
EMBEDDING_BATCH = 256
RESUME_SECONDS = 60.0

_RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8.0
# After so many attempts the pause is the longest.
_GROWING = 4
# A server that asks for a longer pause than this gets its error shown instead.
_LONGEST_RETRY_AFTER_SECONDS = 60.0

Prompt = str | Sequence[Message | Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request. Its idempotency key stays the same over every attempt."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    params: Mapping[str, Any] | None = None
    idempotency_key: str = field(default_factory=lambda: uuid.uuid4().hex)
    after: str = ""
    """The last event of a stream that is to go on."""

    def headers(self) -> dict[str, str]:
        headers = {"Idempotency-Key": self.idempotency_key} if self.method != "GET" else {}
        return headers | {"Last-Event-ID": self.after} if self.after else headers


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a call is tried again, and how long to wait before it."""

    max_retries: int

    def pause(self, attempt: int, error: Exception) -> float | None:
        """Return seconds to wait after the failed `attempt` (0 is the first), or None to give up."""
        return None if attempt >= self.max_retries else _pause(attempt, error)

    def resuming_pause(self, attempt: int, error: Exception, silent_seconds: float) -> float | None:
        """Return seconds to wait before a stream is taken up again, or None to give up.

        A server that is started again is away for longer than one that is busy: it is waited for in all
        `RESUME_SECONDS`, counted from the last event.
        """
        if self.max_retries == 0 or silent_seconds > RESUME_SECONDS:
            return None
        return _pause(min(attempt, _GROWING), error)


def _pause(attempt: int, error: Exception) -> float | None:
    """Return seconds to wait after an attempt that failed with this error; None where another would fail too."""
    asked: float | None = None
    if isinstance(error, APIStatusError):
        if error.status not in _RETRIED_STATUSES:
            return None
        asked = error.retry_after
    elif not isinstance(error, ConnectionFailedError):
        return None
    if asked is not None:
        return asked if asked <= _LONGEST_RETRY_AFTER_SECONDS else None
    longest: float = min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311 - spreads clients, hides nothing


def client_options(credentials: Credentials, timeout: float, version: str) -> dict[str, Any]:
    """Return the arguments that httpx.Client and httpx.AsyncClient are made with."""
    host = urlsplit(credentials.base_url).hostname or ""
    return {
        "base_url": credentials.base_url,
        "headers": {
            "Authorization": f"Bearer {credentials.api_key}",
            "User-Agent": f"llmasos-python/{version}",
        },
        "timeout": httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT_SECONDS)),
        # A proxy from the environment cannot reach this machine's own loopback address.
        "trust_env": host not in {"localhost", "127.0.0.1", "::1"},
    }


def prompt_messages(prompt: Prompt) -> list[dict[str, str]]:
    """Return the OpenAI form of a text (one user turn) or of a list of turns."""
    if isinstance(prompt, str):
        return [{"role": "user", "content": prompt}]
    return [
        {"role": turn.role, "content": turn.content} if isinstance(turn, Message) else dict(turn) for turn in prompt
    ]


def without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what the caller did not set, so that the server's own defaults hold."""
    return {name: value for name, value in fields.items() if value is not None}


def generation_body(
    *,
    model: str | None,
    max_tokens: int | None,
    temperature: float | None,
    top_p: float | None,
    stop: str | Sequence[str] | None,
    seed: int | None,
) -> dict[str, Any]:
    """Return the request fields that every kind of text generation shares."""
    if stop is not None and not isinstance(stop, str):
        stop = list(stop)
    return without_none(
        {
            "model": model,
            "max_tokens": max_tokens,
            "temperature": temperature,
            "top_p": top_p,
            "stop": stop,
            "seed": seed,
        }
    )


def embedding_bodies(texts: str | Iterable[str], model: str | None) -> list[dict[str, Any]]:
    """Cut texts into requests of a size that a server takes without complaint."""
    every = [texts] if isinstance(texts, str) else list(texts)
    return [
        without_none(
            {
                "model": model,
                "input": every[start : start + EMBEDDING_BATCH],
                "encoding_format": "base64",
            }
        )
        for start in range(0, len(every), EMBEDDING_BATCH)
    ]


def rerank_body(query: str, texts: Sequence[str], model: str | None, top_n: int | None) -> dict[str, Any]:
    """Return the body of /v1/rerank."""
    wanted = {"query": query, "documents": list(texts), "model": model, "top_n": top_n, "return_documents": False}
    return without_none(wanted)


def search_body(query: str, collection: str | Sequence[str] | None, k: int) -> dict[str, Any]:
    """Return the body of /api/search; without a collection all that the key may read are searched."""
    collections = [collection] if isinstance(collection, str) else collection
    return without_none(
        {
            "query": query,
            "collections": None if collections is None else list(collections),
            "k": k,
        }
    )


def connection_error(error: httpx.TransportError, base_url: str) -> ConnectionFailedError:
    """Put a transport error into words."""
    if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
        return RequestTimeoutError(
            f"{base_url} did not answer in time. Give Client a longer timeout, or ask for fewer tokens."
        )
    return ConnectionFailedError(
        f"Nothing answers at {base_url} ({type(error).__name__}). Start the platform with `make up`, "
        "or check base_url and LLMASOS_BASE_URL."
    )


def status_error(response: httpx.Response) -> APIStatusError:
    """Return the error that a refused response stands for; its content must have been read."""
    return error_for(
        status=response.status_code,
        body=_decoded(response.content),
        request_id=response.headers.get("X-Request-Id"),
        retry_after=_retry_after(response.headers.get("Retry-After")),
    )


def json_object(response: httpx.Response) -> Mapping[str, Any]:
    """Return the body of a good answer. Raises UnexpectedReplyError when it is not a JSON object."""
    body = _decoded(response.content)
    if not isinstance(body, dict):
        raise UnexpectedReplyError(
            f"{response.url.host} did not answer with JSON. Check that base_url points at an LLMasOS server."
        )
    return body


def _decoded(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _retry_after(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:  # an HTTP date; our servers send seconds
        return None
