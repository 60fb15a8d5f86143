"""What a log entry takes from its surroundings: the request it belongs to, and who makes it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase

from llmasos.audit.types import Actor
from llmasos.middleware import Middleware

# A caller's own id is kept only where it can be nothing but an id.
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


@dataclass(frozen=True, slots=True)
class Context:
    request_id: str = ""
    actor: Actor | None = None


_context: ContextVar[Context] = ContextVar("llmasos_audit_context", default=Context())  # noqa: B039 - frozen


def current() -> Context:
    """Return the context of the running request or task."""
    return _context.get()


def bind_actor(actor: Actor) -> None:
    """Name who acts for the rest of this request or task."""
    _context.set(Context(_context.get().request_id, actor))


@contextmanager
def bound(*, request_id: str, actor: Actor | None = None) -> Iterator[None]:
    """Bind a context around a block: a task that continues a request gives the request's id."""
    token = _context.set(Context(request_id, actor))
    try:
        yield
    finally:
        _context.reset(token)


class AuditContextMiddleware(Middleware):
    """Gives each request an id, which its log entries and its response (``X-Request-ID``) carry."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._respond(request)
        with bound(request_id=self._request_id(request)):
            response = self.get_response(request)
            if isinstance(response, HttpResponseBase):
                response["X-Request-ID"] = current().request_id
            return response

    async def _respond(self, request: HttpRequest) -> HttpResponseBase:
        with bound(request_id=self._request_id(request)):
            response = self.get_response(request)
            answered = response if isinstance(response, HttpResponseBase) else await response
            answered["X-Request-ID"] = current().request_id
            return answered

    @staticmethod
    def _request_id(request: HttpRequest) -> str:
        given = request.headers.get("X-Request-ID", "")
        return given if _REQUEST_ID.fullmatch(given) else str(uuid4())
