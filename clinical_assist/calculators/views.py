"""Pages of calculators. What is typed is computed and forgotten: nothing of a patient is stored."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from clinical_assist.calculators.forms import CalculatorForm
from clinical_assist.calculators.registry import CALCULATORS
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record

GROUPS = {
    "body": _("Body"),
    "kidney": _("Kidneys"),
    "chemistry": _("Electrolytes, acids and lipids"),
    "heart": _("Heart"),
    "clots": _("Clots"),
    "infection": _("Infections"),
    "liver": _("Liver and gut"),
    "severity": _("Severity of illness"),
    "pregnancy": _("Pregnancy"),
    "medicines": _("Medicines"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def calculators(request: MemberRequest) -> HttpResponse:
    """List the calculators by topic; a posted ``q`` narrows the list to titles and other names that hold it."""
    wanted = request.POST.get("q", "").strip().casefold()
    found = [
        one
        for one in CALCULATORS.values()
        if any(wanted in name.casefold() for name in (str(one.title), one.name, *one.aliases))
    ]
    groups = [(label, [one for one in found if one.group == key]) for key, label in GROUPS.items()]
    context = {"groups": [group for group in groups if group[1]], "q": request.POST.get("q", ""), "count": len(found)}
    return render(request, "clinical_assist/calculators.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def calculator(request: MemberRequest, name: str) -> HttpResponse:
    """Show one calculator; POST computes it."""
    found = CALCULATORS.get(name)
    if found is None:
        raise Http404
    form = CalculatorForm(found, request.POST or None)
    result, status = None, 200
    if form.is_bound:
        if form.is_valid():
            result = form.result
            record(
                organisation_id=request.organisation.pk,
                actor=request.principal.actor,
                action="clinical.calculated",
                digests={"calculator": found.name, "version": found.version},
            )
        else:
            status = 422
    labels = {one.name: one.label for one in found.inputs}
    context = {
        "calculator": found,
        "form": form,
        "result": result,
        "assumed": [labels[one] for one in result.assumed] if result else [],
    }
    return render(request, "clinical_assist/calculator.html", context, status=status)
