"""In which form a request hears of an error: OpenAI's body, a problem document (RFC 9457), or a page for people.

Views under /v1 and /api answer so themselves. What is refused before a view, or where there is none, is told here.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from typing import Any, Final, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from llmasos.api.openai.errors import RefusedError
from llmasos.api.problems import CONTENT_TYPE
from llmasos.audit.context import current
from llmasos.middleware import Middleware

_OF_PROGRAMS: Final = ("/api/", "/widget/")
# What a visitor sees among them: the frame of the chat and the own data. These pages say themselves what is wrong.
_OF_VISITORS: Final = re.compile(r"/widget/[^/]+/(?:my-data)?")


class Failure(NamedTuple):
    """What a program is told. ``kind`` and ``openai_code`` are for programs of OpenAI's API."""

    status: int
    code: str
    title: str | Promise
    detail: str | Promise
    kind: str = "invalid_request_error"
    openai_code: str = ""


_BY_STATUS: Final[Mapping[int, Failure]] = {
    failure.status: failure
    for failure in (
        Failure(
            400,
            "bad_request",
            _("The server could not read this request"),
            _("Something in the address or in what was sent is not as it should be. Nothing was changed."),
        ),
        Failure(
            403,
            "permission_denied",
            _("Not allowed"),
            _("Your role or key does not allow this, or the secret of the page's form (its CSRF token) is missing."),
            kind="permission_error",
        ),
        Failure(404, "not_found", _("Not found"), _("There is nothing at this address."), openai_code="unknown_url"),
        Failure(
            405,
            "method_not_allowed",
            _("Method not allowed"),
            _("This address takes another method: the header Allow names it."),
        ),
        Failure(
            500,
            "internal_error",
            _("Something went wrong on our side"),
            _("The server failed on this request. Its log has the reason under the request's id."),
            kind="server_error",
        ),
    )
}


class ErrorFormsMiddleware(Middleware):
    """Tells programs of an error in their own form where Django, which knows people alone, has made a page of it."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._respond(request)
        answer = self.get_response(request)
        return _told(request, answer) if isinstance(answer, HttpResponseBase) else answer

    async def _respond(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        return _told(request, answer if isinstance(answer, HttpResponseBase) else await answer)


def is_of_a_program(request: HttpRequest) -> bool:
    """Whether a request wants JSON: by its address, or because it asks for JSON rather than for a page."""
    if _is_openai(request) or request.path_info.startswith(_OF_PROGRAMS):
        return True
    for accepted in request.accepted_types:
        if accepted.sub_type.endswith("json"):
            return True
        if accepted.match("text/html"):
            return False
    return False


def document(request: HttpRequest, failure: Failure) -> JsonResponse:
    """Return a failure as programs of this address read it: in OpenAI's body under /v1, else as a problem."""
    if _is_openai(request):
        code = failure.openai_code or failure.code
        return RefusedError(str(failure.detail), failure.status, failure.kind, code).response()
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(failure.title),
        "status": failure.status,
        "detail": str(failure.detail),
        "code": failure.code,
        "request_id": current().request_id,
    }
    return JsonResponse(body, status=failure.status, content_type=CONTENT_TYPE)


def _told(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    failure = _BY_STATUS.get(response.status_code)
    if failure is None or not isinstance(response, HttpResponse) or _OF_VISITORS.fullmatch(request.path_info):
        return response
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return response
    patch_vary_headers(response, ["Accept"])
    if not is_of_a_program(request):
        return response
    told = document(request, failure)
    response.content = told.content
    response.headers["Content-Type"] = told.headers["Content-Type"]
    response.headers["Content-Length"] = str(len(told.content))
    return response


def _is_openai(request: HttpRequest) -> bool:
    return f"{request.path_info}/".startswith("/v1/")
