"""What a page shows while its function is stopped, and the pages that belong to oversight."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render

from clinical_assist.governance.switches import StoppedError, require_running
from llmasos.accounts.permissions import MemberRequest

P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponse]


def running(function: str) -> Callable[[View[P]], View[P]]:
    """Open the page only while the function runs; otherwise say that it is stopped, why, and whom to ask.

    Stands below ``member_view``. A part of a page that htmx asks for becomes a reload of the whole page.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def wrapper(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                require_running(request.organisation.pk, function)
                with transaction.atomic():
                    return view(request, *args, **kwargs)
            except StoppedError as error:
                return stopped_page(request, error)

        return cast("View[P]", wrapper)

    return decorate


def stopped_page(request: MemberRequest, error: StoppedError) -> HttpResponse:
    """Answer 503 with the page that says what is stopped."""
    context: dict[str, Any] = {"stopped": error}
    response = render(request, "clinical_assist/governance/stopped.html", context, status=503)
    if request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"
    return response
