"""What happens to a request that may not be served: a denial is recorded, and what cannot be recorded is not shown."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from llmasos.accounts.permissions import record_denial
from llmasos.api.error_forms import Failure, document
from llmasos.audit.errors import NotRecordedError


class RefusalsMiddleware(MiddlewareMixin):
    """Answers for the views' ``PermissionDenied`` and ``NotRecordedError``.

    By then a view's transaction is rolled back: nothing that it read or changed remains.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        try:
            if isinstance(exception, PermissionDenied):
                record_denial(request)
                return None
        except NotRecordedError as error:
            exception = error
        if isinstance(exception, NotRecordedError):
            return _unrecorded(request)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say in words why an address that takes forms alone shows nothing: people reload what it showed."""
        is_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if is_page and isinstance(response, HttpResponseNotAllowed) and not response.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response


def _unrecorded(request: HttpRequest) -> HttpResponse:
    if "text/html" in request.headers.get("Accept", ""):
        return render(request, "unrecorded.html", status=503)
    detail = _("This could not be written to the audit log, so it was not done and nothing is shown.")
    return document(request, Failure(503, "not_recorded", _("Service unavailable"), detail, kind="server_error"))
