"""The console's first pages: for operators of the installation, and for administrators of one organisation."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.console.access import OperatorRequest, operator_view, prompt
from llmasos.console.live import fragments, live_page
from llmasos.console.regions import log_regions, organisation_regions, platform_regions, queue_regions


@require_safe
@operator_view
def platform(request: OperatorRequest) -> HttpResponse:
    """Show an operator the whole installation."""
    return live_page(request, "console/platform.html", platform_regions(), live=reverse("console:platform_live"))


@require_safe
@operator_view
def platform_live(request: OperatorRequest) -> HttpResponse:
    """Answer with what changed in the installation."""
    return fragments(request, platform_regions())


@require_safe
@operator_view
def queues(request: OperatorRequest) -> HttpResponse:
    """Show an operator what waits, where, and for whom."""
    return live_page(request, "console/queues.html", queue_regions(), live=reverse("console:queues_live"))


@require_safe
@operator_view
def queues_live(request: OperatorRequest) -> HttpResponse:
    """Answer with what changed in the queues."""
    return fragments(request, queue_regions())


@require_safe
@operator_view
def logs(request: OperatorRequest) -> HttpResponse:
    """Show an operator how every log stands."""
    return live_page(request, "console/logs.html", log_regions(), live=reverse("console:logs_live"))


@require_safe
@operator_view
def logs_live(request: OperatorRequest) -> HttpResponse:
    """Answer with what changed in the logs."""
    return fragments(request, log_regions())


@require_safe
@member_view(Role.ADMINISTRATOR)
@prompt
def organisation(request: MemberRequest) -> HttpResponse:
    """Show an administrator the state of what serves their organisation."""
    regions = organisation_regions(request.organisation.pk)
    live = reverse("console:live", kwargs={"slug": request.organisation.slug})
    return live_page(request, "console/organisation.html", regions, live=live)


@require_safe
@member_view(Role.ADMINISTRATOR)
@prompt
def organisation_live(request: MemberRequest) -> HttpResponse:
    """Answer with what changed for the organisation."""
    return fragments(request, organisation_regions(request.organisation.pk))
