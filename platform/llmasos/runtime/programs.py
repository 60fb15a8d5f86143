"""The way of a program's request under /v1: what pages pass, without sessions and forms, and on one thread.

Most of Django's middleware is synchronous: a handler of coroutines calls each on another thread, before the view and
after it. Twenty changes of threads took longer than all else that the web process does for a request. None of what is
left here waits for anything, so it is called where the request is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import ResolverMatch, set_script_prefix
from django.utils.module_loading import import_string

from llmasos.runtime.body_limit import Receive, Scope, Send
from llmasos.runtime.routes import match_of

PREFIX = "/v1/"
# An answer of JSON that is opened as a page runs nothing and is framed by nobody.
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
Respond = Callable[[HttpRequest], Awaitable[HttpResponseBase]]
# The published types lack most of what is used here.
_Handler: Any = ASGIHandler


class DirectMiddleware:
    """HTTPS, the host's name and the language, as for pages, by the same classes."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response
        # They take what answers for them from here.
        self._parts: list[Any] = [
            kind(get_response) for kind in (SecurityMiddleware, LocaleMiddleware, CommonMiddleware)
        ]
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for part in self._parts:
            response: HttpResponseBase | None = part.process_request(request)
            if response is not None:
                return response
        answered = await self.get_response(request)
        for part in reversed(self._parts):
            answered = part.process_response(request, answered)
        answered.headers.setdefault("Content-Security-Policy", POLICY)
        answered.headers.setdefault("X-Frame-Options", "DENY")
        return answered


class ProgramsHandler(_Handler):  # type: ignore[misc]
    """Django's handler with ``PROGRAM_MIDDLEWARE``. It sends no signals: what hears them looks after threads."""

    def load_middleware(self, is_async: bool = True) -> None:  # noqa: FBT001, FBT002 - Django's signature
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        chain = convert_exception_to_response(self._get_response_async)
        for name in reversed(settings.PROGRAM_MIDDLEWARE):
            chain = convert_exception_to_response(import_string(name)(chain))
        self._middleware_chain = chain

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        request.resolver_match = match = match_of(request.path_info)
        return match

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body_file = await self.read_body(receive)
        except RequestAborted:
            return
        with body_file:
            set_script_prefix(get_script_prefix(scope))
            request, refusal = self.create_request(scope, body_file)
            if request is None:
                await self.send_response(refusal, send)
                return
            # A view whose client leaves is cancelled, so that it stops what it has begun.
            tasks = [
                asyncio.create_task(self.listen_for_disconnect(receive)),
                asyncio.create_task(self._answer(request, send)),
            ]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError, RequestAborted):
                    await task

    async def _answer(self, request: HttpRequest, send: Send) -> None:
        await self.send_response(await self.run_get_response(request), send)
