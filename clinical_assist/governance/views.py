"""Oversight: the switches of all functions, and who leads."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinical_assist.governance import leads, switches
from clinical_assist.governance.feedback import waiting
from clinical_assist.governance.forms import LeadForm, SwitchForm
from clinical_assist.governance.versions.kinds import kinds
from clinical_assist.permissions import READERS
from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view

SHOWN_TURNS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def oversight(request: MemberRequest) -> HttpResponse:
    """Show every function's switch with its history; POST turns one."""
    form = SwitchForm(request.POST or None)
    if request.method == "POST":
        leads.require_governing(request.principal)
        if form.is_valid():
            turn = switches.stop if form.cleaned_data["stopped"] else switches.start
            row = turn(request.principal, form.cleaned_data["function"], form.cleaned_data["reason"])
            done = _("%(function)s: stopped.") if row.stopped else _("%(function)s: running again.")
            messages.success(request, done % {"function": row.get_function_display()})
            return redirect("clinical_assist:oversight", request.organisation.slug)
    organisation_id = request.organisation.pk
    context = {
        "states": switches.states(organisation_id),
        "history": switches.history(organisation_id, SHOWN_TURNS),
        "kinds": kinds(),
        "waiting": waiting(organisation_id),
        "leads": leads.leads(organisation_id),
        "governs": leads.governs(request.principal),
        "names_leads": request.principal.has_role(Role.ADMINISTRATOR),
        "lead_form": LeadForm(candidates=leads.candidates(organisation_id)),
        "form": form,
    }
    return render(request, "clinical_assist/governance/oversight.html", context, status=422 if form.errors else 200)


@require_POST
@member_view(Role.ADMINISTRATOR)
def lead_add(request: MemberRequest) -> HttpResponse:
    """Name a medical lead."""
    form = LeadForm(request.POST, candidates=leads.candidates(request.organisation.pk))
    if form.is_valid():
        lead = leads.name_lead(request.principal, form.cleaned_data["person"].pk)
        messages.success(request, _("%(name)s is a medical lead now.") % {"name": lead.person})
    else:
        messages.error(request, _("Choose a clinician of the organisation who does not lead yet."))
    return redirect("clinical_assist:oversight", request.organisation.slug)


@require_POST
@member_view(Role.ADMINISTRATOR)
def lead_end(request: MemberRequest, person_id: UUID) -> HttpResponse:
    """End somebody's lead."""
    leads.dismiss_lead(request.principal, person_id)
    messages.success(request, _("The lead has ended."))
    return redirect("clinical_assist:oversight", request.organisation.slug)
