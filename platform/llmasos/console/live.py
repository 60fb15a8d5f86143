"""Pages whose regions are exchanged while somebody looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from llmasos.console.regions import Region, changed

NO_CONTENT = 204


def live_page(
    request: HttpRequest, template: str, regions: Sequence[Region], *, live: str, status: int = 200, **context: Any
) -> HttpResponse:
    """Answer with the page; it asks ``live`` for what changed, with the query that it was asked with itself."""
    query = request.GET.urlencode()
    address = f"{live}?{query}" if query else live
    return render(request, template, {"regions": regions, "live": address, **context}, status=status)


def fragments(request: HttpRequest, regions: Sequence[Region]) -> HttpResponse:
    """Answer with the changed regions, for htmx to put in their places; with nothing where nothing changed."""
    parts = changed(regions, request.GET.getlist("seen"))
    response = render(request, "console/changes.html", {"regions": parts}) if parts else HttpResponse(status=NO_CONTENT)
    # Tells the page's script that this is an answer and not the sign-in page after a lapsed session.
    response["X-Live"] = "1"
    response["Cache-Control"] = "no-store"
    return response
