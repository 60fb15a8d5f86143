"""What can go wrong when a program talks to an LLMasOS server.

LLMasOSError                     catch this one to catch everything below
├── ConfigurationError           no server or key is known        -> run `llmasos login`, or set LLMASOS_API_KEY
├── ConnectionFailedError        the server cannot be reached     -> start it (`make up`), check base_url
│   └── RequestTimeoutError      no answer within `timeout`       -> raise the timeout, ask for fewer tokens
├── StreamInterruptedError       a stream broke off               -> `.text` holds what arrived; ask again
├── WorkFailedError              long work on the server failed   -> `.code` says why; ask for it again
├── WorkUnfinishedError          it is not done in `timeout`      -> it goes on: wait again
├── UnexpectedReplyError         the answer is not LLMasOS's      -> base_url points at something else
└── APIStatusError               the server refused (`.status`, `.code`, `.param`, `.request_id`)
    ├── InvalidRequestError      400, 413, 422: `.param` is wrong -> correct the request
    ├── AuthenticationError      401: key unknown or expired      -> make a new key, `llmasos login`
    ├── PermissionDeniedError    403: the key lacks a scope       -> ask an administrator for the scope
    ├── NotFoundError            404: no such model or collection -> see `client.models()`
    ├── ConflictError            409: does not fit what is there  -> the message says why
    ├── RateLimitError           429: too much, too fast          -> wait `.retry_after` seconds
    └── ServerError              500 and up                       -> report `.request_id`
        └── UnavailableError     503: model or worker is down     -> wait `.retry_after`, then try again
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class LLMasOSError(Exception):
    """The root of everything that this package raises."""


class ConfigurationError(LLMasOSError):
    """No server or no key is known, or the credentials file cannot be used."""


class ConnectionFailedError(LLMasOSError):
    """The server did not answer: it is not running, or the address is wrong."""


class RequestTimeoutError(ConnectionFailedError):
    """The server took longer than the client's time-out."""


class StreamInterruptedError(LLMasOSError):
    """A stream ended without its closing mark. `text` holds what had arrived."""

    def __init__(self, message: str, *, text: str) -> None:
        super().__init__(message)
        self.text = text


class WorkFailedError(LLMasOSError):
    """Long work on the server failed; `code` is the server's name for why."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class WorkUnfinishedError(LLMasOSError):
    """Long work is not done in the time that the caller would wait. It goes on."""


class UnexpectedReplyError(LLMasOSError):
    """Something answered, but not in the form that an LLMasOS server uses."""


class APIStatusError(LLMasOSError):
    """The server answered with an error.

    `status` is the HTTP status, `code` the machine-readable reason, `param` the field at fault,
    `request_id` what the server's operator needs to find the request, `retry_after` seconds to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        kind: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.kind = kind
        self.param = param
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        parts = [self.message]
        if self.param:
            parts.append(f"(field: {self.param})")
        parts.append(f"[{self.status}{', ' + self.code if self.code else ''}]")
        if self.request_id:
            parts.append(f"request {self.request_id}")
        return " ".join(parts)


class InvalidRequestError(APIStatusError):
    """The request is malformed or asks for something that does not exist; `param` names the field."""


class AuthenticationError(APIStatusError):
    """The API key is missing, unknown, expired or revoked."""


class PermissionDeniedError(APIStatusError):
    """The API key is good but may not do this."""


class NotFoundError(APIStatusError):
    """The model, collection or page does not exist, or is not this organisation's."""


class ConflictError(APIStatusError):
    """The request does not fit what is there, or its idempotency key came with another one; `code` says which."""


class RateLimitError(APIStatusError):
    """Too many requests at once; `retry_after` says how many seconds to wait."""


class ServerError(APIStatusError):
    """The server failed; its log explains why under `request_id`."""


class UnavailableError(ServerError):
    """The model or a part of the platform is not available at the moment."""


_BY_STATUS: Mapping[int, type[APIStatusError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidRequestError,
    422: InvalidRequestError,
    429: RateLimitError,
    503: UnavailableError,
}


def error_for(
    *,
    status: int,
    body: object,
    request_id: str | None = None,
    retry_after: float | None = None,
) -> APIStatusError:
    """Return the error for an HTTP status and a decoded body (OpenAI form, problem+json, or neither)."""
    details: Mapping[str, Any] = body if isinstance(body, Mapping) else {}
    nested = details.get("error")
    if isinstance(nested, Mapping):
        details = nested
        message = details.get("message")
    else:
        message = _faults(details) or details.get("detail") or details.get("title")
    error_class = _BY_STATUS.get(status, ServerError if status >= 500 else APIStatusError)
    return error_class(
        str(message) if message else f"The server answered with status {status}.",
        status=status,
        code=_text(details.get("code")),
        kind=_text(details.get("type")),
        param=_text(details.get("param")),
        request_id=request_id or _text(details.get("request_id")),
        retry_after=retry_after,
    )


def _faults(details: Mapping[str, Any]) -> str:
    """Return what a problem document says of single fields: of one alone its words, of several each with its name."""
    listed = details.get("errors")
    faults = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if len(faults) == 1:
        return str(faults[0].get("message", ""))
    return " ".join(f"{one.get('field')}: {one.get('message')}" for one in faults)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
