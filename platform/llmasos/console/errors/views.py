"""Errors: the last ones, and those of one request."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.console.access import OperatorRequest, operator_view
from llmasos.console.errors import queries

# As requests are named; anything else cannot be one and is not looked for.
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


@require_safe
@operator_view
def platform(request: OperatorRequest) -> HttpResponse:
    """Show an operator what went wrong anywhere."""
    asked, request_id = _asked(request)
    failures = queries.all_failures(request_id=request_id) if request_id or not asked else []
    return render(request, "console/errors/platform.html", {"failures": failures, "asked": asked, "several": True})


@require_safe
@member_view(Role.ADMINISTRATOR)
def own(request: MemberRequest) -> HttpResponse:
    """Show an administrator what went wrong in their organisation."""
    asked, request_id = _asked(request)
    found = queries.own_failures(request.organisation.pk, request_id=request_id) if request_id or not asked else []
    return render(request, "console/errors/own.html", {"failures": found, "asked": asked})


def _asked(request: HttpRequest) -> tuple[str, str]:
    """Return what was typed, and the request's id where it can be one."""
    asked = request.GET.get("request", "").strip()
    return asked, asked if _REQUEST_ID.fullmatch(asked) else ""
