from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from llmasos.console.access import OperatorRequest, operator_view
from llmasos.console.organisations import queries


@require_http_methods(["GET", "HEAD", "POST"])
@operator_view
def organisations(request: OperatorRequest) -> HttpResponse:
    """Show an operator the organisations, and the accounts in numbers. What is typed is posted."""
    text = request.POST.get("name", "").strip()[:100]
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 7 and int(asked) > 0 else 1
    rows, total = queries.organisations(text, page=number)
    pages = Paginator(range(total), queries.PAGE_ORGANISATIONS)
    context = {
        "rows": rows,
        "total": total,
        "page": pages.get_page(number),
        "text": text,
        "people": queries.people_totals(),
    }
    return render(request, "console/organisations.html", context)
