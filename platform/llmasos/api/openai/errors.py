"""Errors under /v1, in the body that OpenAI's clients understand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import JsonResponse
from django.utils.translation import gettext as _

from llmasos.accounts.errors import KeyRefusedError
from llmasos.api.limits import TooManyRequestsError
from llmasos.audit.errors import NotRecordedError
from llmasos.inference.errors import (
    DeadlineExceeded,
    InferenceError,
    InvalidRequest,
    KeyReused,
    ModelUnavailable,
    NotOffered,
    NotResumable,
    Overloaded,
    QuotaExceeded,
    RunCancelled,
    UnknownModel,
)
from llmasos.inference.models import Period
from llmasos.inference.quotas.words import told


@dataclass(slots=True)
class RefusedError(Exception):
    """A request that is answered with an error body. `kind` is the body's `type`."""

    message: str
    status: int = 400
    kind: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None
    retry_after: float | None = None
    worth_retrying: bool = True

    def body(self) -> dict[str, Any]:
        return {
            "error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code},
        }

    def stream_body(self) -> dict[str, Any]:
        """Return the body for a stream, whose HTTP status is long sent: the status is inside."""
        body = self.body()
        body["error"]["status"] = self.status
        return body

    def response(self) -> JsonResponse:
        response = JsonResponse(self.body(), status=self.status)
        if self.retry_after is not None:
            response["Retry-After"] = str(max(1, math.ceil(self.retry_after)))
        if not self.worth_retrying:
            # OpenAI's clients try again by themselves otherwise.
            response["x-should-retry"] = "false"
        if self.status == 401:
            response["WWW-Authenticate"] = 'Bearer realm="LLMasOS"'
        return response


def refusal_of(error: Exception) -> RefusedError | None:
    """Return what to answer for an error of another package; None for one that nobody expected."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, InferenceError):
        return _of_inference(error)
    if isinstance(error, KeyRefusedError):
        return unauthorised(_("This API key is not valid: it is unknown, revoked or has expired."))
    if isinstance(error, PermissionDenied):
        return RefusedError(
            _("This API key may not do this: ask an administrator for a key with the scope."),
            status=403,
            kind="permission_error",
            code="insufficient_scope",
        )
    if isinstance(error, TooManyRequestsError):
        return RefusedError(
            _("Too many requests with this key. Wait for as long as Retry-After says."),
            status=429,
            kind="rate_limit_error",
            code="rate_limit_exceeded",
            retry_after=error.retry_after,
        )
    if isinstance(error, NotRecordedError):
        return RefusedError(
            _("This could not be written to the audit log, so it was not done and nothing is shown."),
            status=503,
            kind="server_error",
            code="not_recorded",
        )
    if isinstance(error, RequestDataTooBig):
        return RefusedError(_("The request is too large."), status=413, code="request_too_large")
    return None


def unauthorised(message: str) -> RefusedError:
    return RefusedError(message, status=401, kind="authentication_error", code="invalid_api_key")


def _of_inference(error: InferenceError) -> RefusedError:
    if isinstance(error, UnknownModel):
        return RefusedError(
            _("There is no such model for this: /v1/models lists those that there are, and the task of each."),
            status=404,
            code="model_not_found",
            param="model",
        )
    if isinstance(error, NotOffered):
        return RefusedError(str(error), code="unsupported_parameter", param=error.param)
    if isinstance(error, InvalidRequest):
        return RefusedError(str(error), code=error.code)
    if isinstance(error, QuotaExceeded):
        is_budget = error.period in (Period.DAY, Period.MONTH)
        return RefusedError(
            told(error),
            status=429,
            kind="insufficient_quota" if is_budget else "rate_limit_error",
            code="insufficient_quota" if is_budget else "rate_limit_exceeded",
            retry_after=error.retry_after,
            worth_retrying=not is_budget and error.wanted <= error.amount,
        )
    if isinstance(error, KeyReused):
        return RefusedError(
            _("This idempotency key came with another request. Send a new one."), status=409, code=error.code
        )
    if isinstance(error, NotResumable):
        return RefusedError(
            _("There is no answer under this idempotency key any more. Send the request with a new one."),
            status=410,
            code=error.code,
        )
    if isinstance(error, Overloaded):
        return RefusedError(
            _("The model is busy. Wait for as long as Retry-After says."),
            status=429,
            kind="rate_limit_error",
            code="overloaded",
            retry_after=error.retry_after,
        )
    if isinstance(error, ModelUnavailable):
        return RefusedError(
            _("The model is not available at the moment. Try again soon."),
            status=503,
            kind="server_error",
            code="model_unavailable",
            retry_after=5,
        )
    if isinstance(error, DeadlineExceeded):
        return RefusedError(
            _("The model did not finish in time. Ask for fewer tokens, or try again."),
            status=503,
            kind="server_error",
            code="deadline_exceeded",
            retry_after=1,
        )
    if isinstance(error, RunCancelled):
        return RefusedError(
            _("The request was cancelled before it was finished."), status=409, kind="server_error", code="cancelled"
        )
    return RefusedError(
        _("The model failed on this request. Try again; the server's log has the reason under the request's id."),
        status=503 if error.retryable else 500,
        kind="server_error",
        code=getattr(error, "failure", error.code),
        retry_after=1 if error.retryable else None,
    )
