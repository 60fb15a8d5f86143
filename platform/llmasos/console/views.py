"""The console: for operators of the installation, and for administrators of one organisation."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from llmasos.accounts.models import Person, Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.console.regions import Region, changed, organisation_regions, platform_regions

NO_CONTENT = 204


def _require_operator(request: HttpRequest) -> None:
    if not (isinstance(request.user, Person) and request.user.is_operator):
        raise PermissionDenied


def _fragments(request: HttpRequest, regions: Sequence[Region]) -> HttpResponse:
    """Answer with the changed regions, for htmx to put in their places; with nothing where nothing changed."""
    parts = changed(regions, request.GET.getlist("seen"))
    response = render(request, "console/changes.html", {"regions": parts}) if parts else HttpResponse(status=NO_CONTENT)
    # Tells the page's script that this is an answer and not the sign-in page after a lapsed session.
    response["X-Live"] = "1"
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@login_required
def platform(request: HttpRequest) -> HttpResponse:
    """Show an operator the whole installation."""
    _require_operator(request)
    return render(
        request, "console/platform.html", {"regions": platform_regions(), "live": reverse("console:platform_live")}
    )


@require_safe
@login_required
def platform_live(request: HttpRequest) -> HttpResponse:
    """Answer with what changed in the installation."""
    _require_operator(request)
    return _fragments(request, platform_regions())


@require_safe
@member_view(Role.ADMINISTRATOR)
def organisation(request: MemberRequest) -> HttpResponse:
    """Show an administrator the state of what serves their organisation."""
    regions = organisation_regions(request.organisation.pk)
    live = reverse("console:live", kwargs={"slug": request.organisation.slug})
    return render(request, "console/organisation.html", {"regions": regions, "live": live})


@require_safe
@member_view(Role.ADMINISTRATOR)
def organisation_live(request: MemberRequest) -> HttpResponse:
    """Answer with what changed for the organisation."""
    return _fragments(request, organisation_regions(request.organisation.pk))
