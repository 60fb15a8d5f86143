"""Errors of the platform's API as problem documents (RFC 9457)."""

from __future__ import annotations

import math
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from llmasos.audit.context import current
from llmasos.audit.errors import NotRecordedError
from llmasos.inference.errors import InferenceError, InvalidRequest, Overloaded, QuotaExceeded, UnknownModel
from llmasos.inference.quotas.words import told

CONTENT_TYPE = "application/problem+json"


class ServiceUnavailable(exceptions.APIException):
    status_code = 503
    default_code = "unavailable"


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem document for an error; None for one that nobody expected."""
    known = _known(error)
    if known is None:
        return None
    set_rollback()
    headers: dict[str, str] = {}
    wait = getattr(known, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    challenge = getattr(known, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(known.default_detail),
        "status": known.status_code,
        "code": known.default_code,
        "request_id": current().request_id,
    }
    if isinstance(known, exceptions.ValidationError):
        body["detail"] = _("Some fields are not right: see errors.")
        body["errors"] = _flat(known.get_full_details())
        body["param"] = body["errors"][0]["field"] if body["errors"] else None
    else:
        body["detail"] = str(known.detail)
        codes = known.get_codes()
        if isinstance(codes, str):
            body["code"] = codes
    return Response(body, status=known.status_code, headers=headers, content_type=CONTENT_TYPE)


def _known(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, InferenceError):
        return _of_inference(error)
    if isinstance(error, NotRecordedError):
        return ServiceUnavailable(
            _("This could not be written to the audit log, so it was not done and nothing is shown."), "not_recorded"
        )
    return None


class LimitReached(exceptions.APIException):
    """A limit of the organisation or the key; ``wait`` is in seconds."""

    status_code = 429
    default_code = "quota_exceeded"
    default_detail = gettext_lazy("A limit is reached.")

    def __init__(self, detail: str, wait: float) -> None:
        super().__init__(detail)
        self.wait = wait


def _of_inference(error: InferenceError) -> exceptions.APIException:
    if isinstance(error, QuotaExceeded):
        return LimitReached(told(error), error.retry_after)
    if isinstance(error, Overloaded):
        return exceptions.Throttled(wait=error.retry_after)
    if isinstance(error, UnknownModel):
        return exceptions.NotFound(_("There is no such model here."))
    if isinstance(error, InvalidRequest):
        return exceptions.ParseError(str(error))
    return ServiceUnavailable(_("The model is not available at the moment. Try again soon."))


def _flat(details: Any, prefix: str = "") -> list[dict[str, str]]:
    """Return every error of nested serializers as field, message and code."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        return [{"field": prefix, "message": str(details["message"]), "code": str(details["code"])}]
    if isinstance(details, dict):
        return [
            row for name, inner in details.items() for row in _flat(inner, f"{prefix}.{name}" if prefix else str(name))
        ]
    return [row for inner in details for row in _flat(inner, prefix)]
