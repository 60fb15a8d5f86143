"""The page on which orders of medicines are checked, and the tables behind the checks, to be read and searched."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from clinical_assist.governance.pages import running
from clinical_assist.medicines.checks import check
from clinical_assist.medicines.forms import CheckForm
from clinical_assist.medicines.library import library
from clinical_assist.medicines.listing import TABLES, found_medicines, found_rules, listed, rule_tables, shown
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record

ON_A_PAGE = 40


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


@require_safe
@member_view(*READERS)
def tables(request: MemberRequest) -> HttpResponse:
    """List the medicines that the checks know, a page at a time."""
    wanted = request.GET.get("q", "").strip()
    page = Paginator(found_medicines(wanted), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": wanted,
        "page": page,
        "medicines": listed(page),
        "library": library(),
        "rule_tables": rule_tables(),
    }
    return render(request, "clinical_assist/medicines/tables.html", context)


@require_safe
@member_view(*READERS)
def medicine(request: MemberRequest, name: str) -> HttpResponse:
    """Show one medicine: what it is called, its doses and limits, and every rule that speaks of it."""
    try:
        row = shown(name)
    except KeyError:
        raise Http404 from None
    return render(request, "clinical_assist/medicines/medicine.html", {"row": row, "library": library()})


@require_safe
@member_view(*READERS)
def rules(request: MemberRequest, table: str) -> HttpResponse:
    """List the rules of a table, a page at a time."""
    wanted = request.GET.get("q", "").strip()
    try:
        found = found_rules(table, wanted)
    except KeyError:
        raise Http404 from None
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": wanted,
        "page": page,
        "table": table,
        "label": TABLES[table],
        "library": library(),
        "rule_tables": rule_tables(),
    }
    return render(request, "clinical_assist/medicines/rules.html", context)
