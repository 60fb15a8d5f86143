"""The page of rules: how often each is overridden, why, and what people found."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinical_assist.governance.leads import governs
from clinical_assist.permissions import READERS
from clinical_assist.plans.errors import PlanError
from clinical_assist.plans.forms import ReviewForm, span_of, spans
from clinical_assist.plans.rules.figures import LEAST_FIRED, OFTEN, figures
from clinical_assist.plans.rules.reviews import review
from llmasos.accounts.permissions import MemberRequest, member_view


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def overrides(request: MemberRequest) -> HttpResponse:
    """Show the figures of rules in the chosen days; POST keeps a note on one."""
    days = span_of(request.GET.get("days", ""))
    form = ReviewForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            review(request.principal, form.cleaned_data["rule"], form.cleaned_data["note"], days=days)
        except PlanError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The note is kept."))
            return redirect(
                f"{reverse('clinical_assist:rule_overrides', args=[request.organisation.slug])}?days={days}"
            )
    found = figures(request.organisation.pk, days)
    context = {
        "figures": found,
        "for_review": [one for one in found if one.is_for_review],
        "days": days,
        "spans": spans(),
        "form": form,
        "governs": governs(request.principal),
        "least": LEAST_FIRED,
        "often": round(100 * OFTEN),
    }
    return render(request, "clinical_assist/plans/rules.html", context, status=422 if form.errors else 200)
