"""The start page: for staff a search in the organisation's knowledge that quotes its sources."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.retrieval.passage_page import passage_page
from tutor.permissions import GUARDIANS, LEARNERS, READERS


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS, *LEARNERS, *GUARDIANS)
def start(request: MemberRequest) -> HttpResponse:
    """Search all collections of the organisation for staff; lead learners and guardians to their own page."""
    if not request.principal.has_role(*READERS):
        own = "tutor:my_work" if request.principal.has_role(*LEARNERS) else "tutor:childrens_results"
        return redirect(own, slug=request.organisation.slug)
    return passage_page(request, "tutor/start.html")
