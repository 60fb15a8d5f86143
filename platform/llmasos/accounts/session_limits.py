"""How long a sign-in lasts: some time without activity, and some time in all."""

from __future__ import annotations

import time
from collections.abc import Awaitable

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, logout
from django.http import HttpRequest, HttpResponseBase

from llmasos.middleware import Middleware

_BEGAN, _SEEN = "llmasos_began", "llmasos_seen"
# The moment of the last activity is written once a minute at most: not every page costs a write.
_RESOLUTION_SECONDS = 60


class SessionLimitsMiddleware(Middleware):
    """Signs a person out after ``LLMASOS_SESSION_IDLE_SECONDS`` of idleness and after ``SESSION_COOKIE_AGE`` in all.

    A page that refreshes itself in the background (htmx asks with GET) is no activity.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._respond(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            _check(request)
        return self.get_response(request)

    async def _respond(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            await sync_to_async(_check)(request)
        answer = self.get_response(request)
        return answer if isinstance(answer, HttpResponseBase) else await answer


def _check(request: HttpRequest) -> None:
    session = request.session
    if BACKEND_SESSION_KEY not in session:
        return
    now = int(time.time())
    began, seen = session.get(_BEGAN), session.get(_SEEN)
    if not isinstance(began, int) or not isinstance(seen, int):
        session[_BEGAN] = session[_SEEN] = now
        return
    if now - seen > settings.LLMASOS_SESSION_IDLE_SECONDS or now - began > settings.SESSION_COOKIE_AGE:
        logout(request)
        return
    in_background = request.method == "GET" and request.headers.get("HX-Request") == "true"
    if not in_background and now - seen >= _RESOLUTION_SECONDS:
        session[_SEEN] = now
