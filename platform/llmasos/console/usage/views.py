"""Usage and limits: of one organisation for its administrators, of all for operators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.errors import NotFoundError
from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.console.access import OperatorRequest, operator_in, operator_view, prompt
from llmasos.console.charts import HEIGHT, WIDTH, columns
from llmasos.console.live import fragments, live_page
from llmasos.console.names import Named, organisation_names
from llmasos.console.regions import Region, region
from llmasos.console.usage import queries
from llmasos.console.usage.forms import LimitForm
from llmasos.console.usage.queries import Usage
from llmasos.inference.quotas import services

PAGE_PROGRAMS = 25
# Where a session keeps what the next page offers to take back.
UNDO = "console_limit_undo"


@require_safe
@operator_view
def platform(request: OperatorRequest) -> HttpResponse:
    """Show an operator what all organisations used, by organisation."""
    return render(request, "console/usage/platform.html", _context(request, queries.all_usage()))


@require_safe
@operator_view
def organisation(request: OperatorRequest, organisation_id: UUID) -> HttpResponse:
    """Show an operator the limits of one organisation as a whole."""
    named = _named(organisation_id)
    live = reverse("console:organisation_limits_live", args=[organisation_id])
    return _limits_page(request, named, LimitForm(programs=None), live=live)


@require_safe
@operator_view
def organisation_live(request: OperatorRequest, organisation_id: UUID) -> HttpResponse:
    """Answer with what changed among an organisation's limits."""
    return fragments(request, _limit_regions(organisation_id, slug=""))


@require_POST
@operator_view
def organisation_limit(request: OperatorRequest, organisation_id: UUID) -> HttpResponse:
    """Set a limit of an organisation as a whole."""
    named, form = _named(organisation_id), LimitForm(request.POST, programs=None)
    if form.is_valid():
        _set(request, operator_in(request, organisation_id), form)
        return redirect("console:organisation_limits", organisation_id)
    live = reverse("console:organisation_limits_live", args=[organisation_id])
    return _limits_page(request, named, form, live=live, status=422)


@require_POST
@operator_view
def organisation_unlimit(request: OperatorRequest, organisation_id: UUID, limit_id: UUID) -> HttpResponse:
    """Take a limit of an organisation away."""
    _remove(request, operator_in(request, _named(organisation_id).id), limit_id)
    return redirect("console:organisation_limits", organisation_id)


@require_safe
@member_view(Role.ADMINISTRATOR)
@prompt
def own(request: MemberRequest) -> HttpResponse:
    """Show an administrator what the organisation used, by program, and its limits."""
    return _own_page(request, LimitForm(programs=queries.program_names(request.organisation.pk)))


@require_safe
@member_view(Role.ADMINISTRATOR)
@prompt
def own_live(request: MemberRequest) -> HttpResponse:
    """Answer with what changed among the limits."""
    return fragments(request, _limit_regions(request.organisation.pk, slug=request.organisation.slug))


@require_POST
@member_view(Role.ADMINISTRATOR)
def own_limit(request: MemberRequest) -> HttpResponse:
    """Set a limit of one of the organisation's programs."""
    form = LimitForm(request.POST, programs=queries.program_names(request.organisation.pk))
    if form.is_valid():
        _set(request, request.principal, form)
        return redirect("console:usage", request.organisation.slug)
    return _own_page(request, form, status=422)


@require_POST
@member_view(Role.ADMINISTRATOR)
def own_unlimit(request: MemberRequest, limit_id: UUID) -> HttpResponse:
    """Take a limit of a program away."""
    _remove(request, request.principal, limit_id)
    return redirect("console:usage", request.organisation.slug)


def _set(request: HttpRequest, principal: Principal, form: LimitForm) -> None:
    """Set what the form says; the next page offers to take a change back."""
    measure, period = form.kind_given
    program = form.program_given
    wanted = (program.kind if program else "", program.id if program else None, measure, period)
    with acting_in(principal.organisation_id):
        before = [
            limit
            for limit in queries.limits(principal.organisation_id)
            if (limit.state.program_kind, limit.state.program_id, limit.state.measure, limit.state.period) == wanted
        ]
        services.set_limit(
            principal=principal,
            organisation_id=principal.organisation_id,
            measure=measure,
            period=period,
            amount=form.cleaned_data["amount"],
            program=program,
        )
    messages.success(request, _("The limit is set. It holds within five seconds."))
    if before:
        _offer_undo(request, principal.organisation_id, "changed", before[0])


def _remove(request: HttpRequest, principal: Principal, limit_id: UUID) -> None:
    """Take a limit away; the next page offers to set it again where its program still works."""
    with acting_in(principal.organisation_id):
        found = [limit for limit in queries.limits(principal.organisation_id) if limit.state.id == limit_id]
        try:
            services.remove_limit(principal=principal, organisation_id=principal.organisation_id, limit_id=limit_id)
        except NotFoundError as error:
            messages.warning(request, str(error))
            return
    if not found[0].is_over:
        _offer_undo(request, principal.organisation_id, "removed", found[0])


def _offer_undo(request: HttpRequest, organisation_id: UUID, what: str, limit: queries.Limit) -> None:
    # Not in the address: a link from elsewhere must not be able to put an act into people's hands.
    request.session[UNDO] = {
        "organisation": str(organisation_id),
        "what": what,
        "program": limit.program,
        "kind": limit.code,
        "amount": limit.state.amount,
    }


def _take_undo(request: HttpRequest, organisation_id: UUID) -> dict[str, Any] | None:
    """Return what can be taken back of this organisation; what is another's waits for its own page."""
    offered: dict[str, Any] = request.session.get(UNDO) or {}
    if offered.get("organisation") != str(organisation_id):
        return None
    del request.session[UNDO]
    return offered


def _named(organisation_id: UUID) -> Named:
    found = organisation_names([organisation_id]).get(organisation_id)
    if found is None:
        raise Http404
    return found


def _limit_regions(organisation_id: UUID, *, slug: str) -> list[Region]:
    with acting_in(organisation_id):
        found = queries.limits(organisation_id)
    if not slug:
        # Programs are the organisation's own matter, and so are their names.
        found = [limit for limit in found if not limit.state.program_id]
    return [region("limits", {"limits": found, "slug": slug, "organisation_id": organisation_id})]


def _limits_page(
    request: OperatorRequest, named: Named, form: LimitForm, *, live: str, status: int = 200
) -> HttpResponse:
    context = {"organisation": named, "form": form, "undo": _take_undo(request, named.id)}
    regions = _limit_regions(named.id, slug="")
    return live_page(request, "console/usage/organisation.html", regions, live=live, status=status, **context)


def _own_page(request: MemberRequest, form: LimitForm, *, status: int = 200) -> HttpResponse:
    organisation = request.organisation
    context = {
        **_context(request, queries.own_usage(organisation.pk)),
        "form": form,
        "undo": _take_undo(request, organisation.pk),
    }
    regions = _limit_regions(organisation.pk, slug=organisation.slug)
    live = reverse("console:usage_live", args=[organisation.slug])
    return live_page(request, "console/usage/own.html", regions, live=live, status=status, **context)


def _context(request: HttpRequest, found: Usage) -> dict[str, Any]:
    """Return the charts and a page of the programs (or organisations)."""
    page = Paginator(found.programs, PAGE_PROGRAMS).get_page(request.GET.get("page"))
    most = max([*(used.total.tokens for used in found.programs), 1])
    totals = [total for _day, total in found.days]
    return {
        "usage": found,
        "page": page,
        "programs": [(used, f"{WIDTH * used.total.tokens / most:.2f}") for used in page],
        "request_blocks": columns(("success", "failure"), [(total.good, total.failed) for total in totals]),
        "token_blocks": columns(
            ("prompt", "completion"), [(total.prompt_tokens, total.completion_tokens) for total in totals]
        ),
        "most_requests": max(total.requests for total in totals),
        "most_tokens": max(total.tokens for total in totals),
        "width": WIDTH,
        "height": HEIGHT,
    }
