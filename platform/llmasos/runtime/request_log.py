"""What the log of requests holds: an event, an id, a page and a person's id. Nothing that a visitor brought along."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from asgiref.sync import markcoroutinefunction
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django_structlog.middlewares import RequestMiddleware

from llmasos.audit.context import current
from llmasos.runtime import problems
from llmasos.runtime.routes import route_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase
    from structlog.typing import EventDict, WrappedLogger

logger = structlog.get_logger(__name__)

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

    def process_got_request_exception(self, sender: type[Any], request: HttpRequest, **kwargs: Any) -> None:
        """Keep an unexpected exception for the console, too."""
        super().process_got_request_exception(sender, request, **kwargs)
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, Http404 | PermissionDenied):
            place = route_of(request).name or "?"
            problems.note(place, error, organisation_id=_organisation_of(request))


class ProgramLogMiddleware:
    """Logs a program's request by one line: when it is answered, or its client left before. Streams end unsaid."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        shown = RequestLogMiddleware.format_request(request)
        try:
            response = await self.get_response(request)
        except asyncio.CancelledError:
            logger.warning("request_cancelled", request=shown)
            raise
        level = logging.INFO if response.status_code < 400 else logging.WARNING
        logger.log(level, "request_finished", code=response.status_code, request=shown)
        return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


def _organisation_of(request: HttpRequest) -> UUID | None:
    organisation = getattr(request, "organisation", None)
    if organisation is not None:
        return UUID(str(organisation.pk))
    principal = getattr(request, "principal", None) or getattr(getattr(request, "user", None), "principal", None)
    return UUID(str(principal.organisation_id)) if principal is not None else None
