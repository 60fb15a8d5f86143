"""Errors that the widget can show: RFC 9457 bodies in the visitor's language."""

from __future__ import annotations

import math
from typing import Any

from django.http import JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ProblemError(Exception):
    """A request that cannot be served, and what to tell the visitor about it.

    ``code`` is stable and for programs; ``detail`` is a sentence for people; ``retry_after`` is in seconds.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str | Promise,
        *,
        retry_after: float = 0,
        **extra: Any,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.extra = extra

    def response(self) -> JsonResponse:
        body = {"type": "about:blank", "status": self.status, "code": self.code, "detail": str(self.detail)}
        response = JsonResponse({**body, **self.extra}, status=self.status, content_type="application/problem+json")
        if self.retry_after:
            response["Retry-After"] = str(math.ceil(self.retry_after))
        return response


def not_found() -> ProblemError:
    return ProblemError(404, "not_found", _("This does not exist."))


def unknown_visitor() -> ProblemError:
    return ProblemError(401, "unknown_visitor", _("Your chat has expired. Write again to begin a new one."))


def invalid(detail: str | Promise) -> ProblemError:
    return ProblemError(400, "invalid", detail)


def too_many(retry_after: float) -> ProblemError:
    return ProblemError(
        429,
        "too_many_requests",
        _("That was too many messages at once. Please wait a little."),
        retry_after=retry_after,
    )


def busy(retry_after: float) -> ProblemError:
    return ProblemError(
        429,
        "busy",
        _("Many people are asking at the moment. Please try again soon."),
        retry_after=retry_after,
    )


def unavailable() -> ProblemError:
    return ProblemError(
        503,
        "unavailable",
        _("The assistant cannot be reached at the moment. Please try again."),
        retry_after=5,
    )
