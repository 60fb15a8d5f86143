"""The way in, and a search in the organisation's references that quotes its sources."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from clinical_assist.permissions import READERS
from clinical_assist.record.access import CLINICIANS
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.retrieval.passage_page import passage_page


@require_safe
@member_view(*READERS)
def start(request: MemberRequest) -> HttpResponse:
    """Lead to where the day begins: clinicians to today's list, others to the references."""
    own = "clinical_assist:today" if request.principal.has_role(*CLINICIANS) else "clinical_assist:search"
    return redirect(own, slug=request.organisation.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def references(request: MemberRequest) -> HttpResponse:
    """Search all collections of the organisation and quote what is found."""
    return passage_page(request, "clinical_assist/search.html")
