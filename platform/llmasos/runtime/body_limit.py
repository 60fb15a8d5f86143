"""How much a request may carry. Counted before Django reads it: Django keeps any body that comes, on disk."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from llmasos.api.error_forms import Failure, document, is_of_a_program

Scope = dict[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

# What the views refuse themselves, in their own words, is smaller.
BODY_BYTES = 16 * 1024 * 1024
UPLOAD_BYTES = 65 * 1024 * 1024
# The pages that take files.
UPLOADS = (re.compile(r"/o/[a-z0-9_-]+/knowledge/[0-9a-f-]{36}/upload/"),)


class BodyLimit:
    """Answers 413 to a body that is longer than its page may take, however its length was announced."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        limit = limit_of(str(scope["path"]))
        if _announced(scope) > limit:
            await _refuse(scope, send, limit)
            return
        read, refused, started = 0, False, False

        async def counted() -> Message:
            nonlocal read, refused
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > limit:
                    refused = True
                    # Django gives a request up whose client went away, and removes what it kept of it.
                    return {"type": "http.disconnect"}
            return message

        async def sent(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        await self._application(scope, counted, sent)
        if refused and not started:
            await _refuse(scope, send, limit)


def limit_of(path: str) -> int:
    """Return how many bytes a request to this path may carry."""
    return UPLOAD_BYTES if any(pattern.fullmatch(path) for pattern in UPLOADS) else BODY_BYTES


def _announced(scope: Scope) -> int:
    length = _header(scope, b"content-length")
    return int(length) if length.isdigit() else 0


def _header(scope: Scope, wanted: bytes) -> bytes:
    return next((bytes(value) for name, value in scope.get("headers", ()) if bytes(name).lower() == wanted), b"")


async def _refuse(scope: Scope, send: Send, limit: int) -> None:
    request = HttpRequest()
    request.path_info = str(scope["path"]).removeprefix(str(scope.get("root_path", "")))
    request.META["HTTP_ACCEPT"] = _header(scope, b"accept").decode("latin-1")
    request.META["HTTP_ACCEPT_LANGUAGE"] = _header(scope, b"accept-language").decode("latin-1")
    with translation.override(translation.get_language_from_request(request)):
        text = _("The request is too large: at most %(size)s MB are taken here.") % {"size": limit // 1024**2}
        response = (
            document(request, Failure(413, "request_too_large", _("Too large"), text))
            if is_of_a_program(request)
            else HttpResponse(
                text + " " + _("Go back and send a smaller file."),
                status=413, content_type="text/plain; charset=utf-8",
            )
        )  # fmt: skip
    headers = [
        (b"content-type", response.headers["Content-Type"].encode()),
        (b"content-length", str(len(response.content)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
