"""Periods and legal holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record
from llmasos.privacy import queries, services
from llmasos.privacy.errors import PrivacyError
from llmasos.privacy.forms import HoldForm, PeriodForm
from llmasos.privacy.models import LegalHold
from llmasos.privacy.permissions import OFFICERS, READERS


@require_safe
@member_view(*READERS)
def retention(request: MemberRequest) -> HttpResponse:
    """Show how long each class of data is kept, what would go now, and the holds."""
    context = _context(request, PeriodForm(), HoldForm())
    if request.principal.has_role(*OFFICERS) and "count" in request.GET:
        context["due"] = services.expire(request.principal, dry_run=True)
    return render(request, "privacy/retention.html", context)


@require_POST
@member_view(*OFFICERS)
def set_period(request: MemberRequest) -> HttpResponse:
    form = PeriodForm(request.POST)
    if form.is_valid():
        try:
            services.set_period(request.principal, form.cleaned_data["code"], days=form.cleaned_data["days"])
        except PrivacyError as error:
            form.add_error("days", str(error))
        else:
            messages.success(request, _("The period is stored."))
            return redirect("privacy:retention", request.organisation.slug)
    return render(request, "privacy/retention.html", _context(request, form, HoldForm()), status=422)


@require_POST
@member_view(*OFFICERS)
def place_hold(request: MemberRequest) -> HttpResponse:
    form = HoldForm(request.POST)
    if form.is_valid():
        subject, code, reason = (form.cleaned_data[name] for name in ("subject", "retention_class", "reason"))
        try:
            if subject is not None:
                services.hold_subject(request.principal, subject, reason=reason)
            else:
                services.hold_class(request.principal, code, reason=reason)
        except PrivacyError as error:
            form.add_error("subject", str(error))
        else:
            messages.success(request, _("The hold is placed."))
            return redirect("privacy:retention", request.organisation.slug)
    return render(request, "privacy/retention.html", _context(request, PeriodForm(), form), status=422)


@require_POST
@member_view(*OFFICERS)
def lift_hold(request: MemberRequest, hold_id: UUID) -> HttpResponse:
    try:
        services.lift_hold(request.principal, hold_id)
    except LegalHold.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The hold is lifted."))
    return redirect("privacy:retention", request.organisation.slug)


def _context(request: MemberRequest, period_form: PeriodForm, hold_form: HoldForm) -> dict[str, Any]:
    organisation_id = request.organisation.pk
    holds = list(queries.active_holds(organisation_id))
    record(
        organisation_id=organisation_id,
        actor=request.principal.actor,
        action="privacy.holds_listed",
        digests={"count": len(holds)},
    )
    return {
        "periods": queries.periods(organisation_id),
        "holds": [(hold, queries.label_of_hold(hold)) for hold in holds],
        "past_holds": [(hold, queries.label_of_hold(hold)) for hold in queries.past_holds(organisation_id)[:20]],
        "period_form": period_form,
        "hold_form": hold_form,
        "may_change": request.principal.has_role(*OFFICERS),
    }
