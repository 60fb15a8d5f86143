"""The page on which orders of medicines are checked. What is typed is checked and forgotten."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clinical_assist.governance.pages import running
from clinical_assist.medicines.checks import check
from clinical_assist.medicines.forms import CheckForm
from clinical_assist.medicines.library import library
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@running("checks")
def check_orders(request: MemberRequest) -> HttpResponse:
    """Check orders against what is typed of a patient: nothing of it is stored, in no table and no log."""
    form = CheckForm(request.POST or None)
    context = {"form": form, "library": library(), "alerts": None}
    if not form.is_bound:
        return render(request, "clinical_assist/medicines.html", context)
    if not form.is_valid():
        return render(request, "clinical_assist/medicines.html", context, status=422)
    found = check(form.patient, form.orders)
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="clinical.medicines_checked",
        digests={"tables": library().digest, "orders": len(form.orders), "alerts": len(found)},
    )
    context |= {"alerts": found, "orders": form.orders, "questions": form.questions}
    return render(request, "clinical_assist/medicines.html", context)
