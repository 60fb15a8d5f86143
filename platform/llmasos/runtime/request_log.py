"""What the log of requests holds: an event, an id, a path and a person's id. Nothing that a visitor brought along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django_structlog.middlewares import RequestMiddleware

if TYPE_CHECKING:
    from django.http import HttpRequest
    from structlog.typing import EventDict, WrappedLogger

_VISITOR = ("ip", "user_agent")
# One-time links (set-up, invitations, passwords) carry their secret in the path; uuids are no secrets.
_SECRET = re.compile(r"(?<=/)(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/|$))[\w-]{24,}(?=/|$)")


def without_visitor(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Take the address and the program of whoever asked out of an event (a structlog processor)."""
    for name in _VISITOR:
        event.pop(name, None)
    return event


class RequestLogMiddleware(RequestMiddleware):
    """Logs the start and the end of each request by its path, without query and without secrets in it."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {_SECRET.sub('…', request.path)}"
