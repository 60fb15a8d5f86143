"""Requests to models: live ones with a way to stop each, ended ones with where the time went."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.accounts.principals import Principal
from llmasos.console.access import OperatorRequest, operator_in, operator_view, prompt
from llmasos.console.charts import phase_bars
from llmasos.console.live import fragments, live_page
from llmasos.console.names import organisation_names
from llmasos.console.regions import Region, region
from llmasos.console.requests import queries
from llmasos.console.requests.forms import RunFilter
from llmasos.console.requests.queries import Page
from llmasos.inference import lifecycle, services


@require_safe
@operator_view
def platform(request: OperatorRequest) -> HttpResponse:
    """Show an operator the requests of all organisations, or of the one that the address names."""
    form = RunFilter(request.GET)
    chosen = form.wanted().organisation_id
    named = organisation_names([chosen]).get(chosen) if chosen else None
    return live_page(
        request,
        "console/requests/platform.html",
        _platform_regions(request.GET),
        live=reverse("console:platform_requests_live"),
        form=form,
        chosen=named,
    )


@require_safe
@operator_view
def platform_live(request: OperatorRequest) -> HttpResponse:
    """Answer with what changed among the requests."""
    return fragments(request, _platform_regions(request.GET))


@require_POST
@operator_view
def platform_stop(request: OperatorRequest, run_id: UUID) -> HttpResponse:
    """Stop a request of any organisation; that organisation's log says that an operator did."""
    known = lifecycle.statuses([run_id]).get(run_id)
    if known is None:
        raise Http404
    _stop(request, operator_in(request, known.organisation_id), run_id)
    return redirect("console:platform_requests")


@require_safe
@member_view(Role.ADMINISTRATOR)
@prompt
def own(request: MemberRequest) -> HttpResponse:
    """Show an administrator the requests of their organisation."""
    return live_page(
        request,
        "console/requests/own.html",
        _own_regions(request.organisation.pk, request.GET, slug=request.organisation.slug),
        live=reverse("console:requests_live", args=[request.organisation.slug]),
        form=RunFilter(request.GET),
    )


@require_safe
@member_view(Role.ADMINISTRATOR)
@prompt
def own_live(request: MemberRequest) -> HttpResponse:
    """Answer with what changed among the organisation's requests."""
    return fragments(request, _own_regions(request.organisation.pk, request.GET, slug=request.organisation.slug))


@require_POST
@member_view(Role.ADMINISTRATOR)
def own_stop(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Stop a request of the organisation."""
    _stop(request, request.principal, run_id)
    return redirect("console:requests", request.organisation.slug)


def _stop(request: Any, principal: Principal, run_id: UUID) -> None:
    if services.cancel(principal, run_id):
        messages.success(
            request, _("The request is asked to stop: it ends within a few tokens. Whoever sent it may send it again.")
        )
    else:
        messages.warning(request, _("There was nothing to stop: the request has ended."))


def _platform_regions(query: QueryDict) -> list[Region]:
    wanted = RunFilter(query).wanted()
    return _regions(queries.all_live_runs(wanted.organisation_id), queries.all_runs(wanted), query)


def _own_regions(organisation_id: UUID, query: QueryDict, *, slug: str) -> list[Region]:
    live, wanted = queries.own_live_runs(organisation_id), RunFilter(query).wanted(organisation_id)
    return _regions(live, queries.own_runs(organisation_id, wanted), query, slug=slug)


def _regions(live: Page, ended: Page, query: QueryDict, *, slug: str = "") -> list[Region]:
    older = _older(query, ended.older)
    shown = {"slug": slug, "several": not slug}
    bars = phase_bars([(row.run.queue_ms, row.run.prefill_ms, row.run.decode_ms) for row in ended.rows])
    return [
        region("live_runs", {**shown, "rows": live.rows, "more": bool(live.older)}),
        region(
            "ended_runs",
            {
                **shown,
                "rows": list(zip(ended.rows, bars, strict=True)),
                "older": older,
                "filtered": RunFilter(query).is_used,
            },
        ),
    ]


def _older(query: QueryDict, mark: str) -> str:
    if not mark:
        return ""
    next_page = query.copy()
    next_page.pop("seen", None)
    next_page["before"] = mark
    return next_page.urlencode()
