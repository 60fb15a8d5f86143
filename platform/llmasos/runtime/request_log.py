"""What the log of requests holds: an event, an id, a page and a person's id. Nothing that a visitor brought along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_structlog.middlewares import RequestMiddleware

from llmasos.audit.context import current
from llmasos.runtime.routes import route_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from structlog.typing import EventDict, WrappedLogger

_VISITOR = ("ip", "user_agent", "correlation_id")


def without_visitor(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Take the address and the program of whoever asked out of an event (a structlog processor)."""
    for name in _VISITOR:
        event.pop(name, None)
    return event


def with_request_id(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Name the request as the audit log and ``X-Request-ID`` do (a structlog processor)."""
    request_id = current().request_id
    if request_id:
        event["request_id"] = request_id
    return event


class RequestLogMiddleware(RequestMiddleware):
    """Logs the start and the end of each request by its page, without query and without what was typed into it."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        # A method may be any word that a client makes up.
        method = request.method if request.method in _METHODS else "?"
        return f"{method} {route_of(request).shown}"


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
