"""Where the room begins for whom, and the staff's search in the organisation's knowledge, which quotes its sources."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.retrieval.passage_page import passage_page
from tutor.permissions import GUARDIANS, LEARNERS, READERS


@require_safe
@member_view(*READERS, *LEARNERS, *GUARDIANS)
def start(request: MemberRequest) -> HttpResponse:
    """Lead staff to their courses, learners to their work and guardians to their children's results."""
    if request.principal.has_role(*READERS):
        own = "tutor:courses"
    else:
        own = "tutor:my_work" if request.principal.has_role(*LEARNERS) else "tutor:childrens_results"
    return redirect(own, slug=request.organisation.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def search(request: MemberRequest) -> HttpResponse:
    """Search all collections of the organisation."""
    return passage_page(request, "tutor/search.html")
