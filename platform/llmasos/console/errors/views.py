"""Errors: the last ones, and those of one request."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.console.access import OperatorRequest, operator_view, prompt
from llmasos.console.errors import queries
from llmasos.console.errors.queries import Failures

# As requests are named; anything else cannot be one and is not looked for.
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


# Where a request is found. What is typed is posted, since people type anything; links give the id in the address.
_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@operator_view
def platform(request: OperatorRequest) -> HttpResponse:
    """Show an operator what went wrong anywhere."""
    asked, request_id = _asked(request)
    failures = queries.all_failures(request_id=request_id) if request_id or not asked else Failures([])
    return render(request, "console/errors/platform.html", {"failures": failures, "asked": asked, "several": True})


@require_http_methods(_METHODS)
@member_view(Role.ADMINISTRATOR)
@prompt
def own(request: MemberRequest) -> HttpResponse:
    """Show an administrator what went wrong in their organisation."""
    asked, request_id = _asked(request)
    known = bool(request_id) or not asked
    failures = queries.own_failures(request.organisation.pk, request_id=request_id) if known else Failures([])
    return render(request, "console/errors/own.html", {"failures": failures, "asked": asked, "request_id": request_id})


def _asked(request: HttpRequest) -> tuple[str, str]:
    """Return what was asked for, and the request's id where it can be one."""
    asked = (request.POST if request.method == "POST" else request.GET).get("request", "").strip()
    return asked, asked if _REQUEST_ID.fullmatch(asked) else ""
