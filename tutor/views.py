"""The start page: for staff a search in the organisation's knowledge that quotes its sources."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.inference.errors import InferenceError
from llmasos.retrieval import queries
from tutor.permissions import GUARDIANS, LEARNERS, READERS

HITS = 8
LONGEST_QUESTION = 2_000


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS, *LEARNERS, *GUARDIANS)
def start(request: MemberRequest) -> HttpResponse:
    """Search all collections of the organisation; passages are quoted, nothing is written by a model.

    The question is posted, so that it stands in no address. Learners and guardians are led to their own page.
    """
    if not request.principal.has_role(*READERS):
        own = "tutor:my_work" if request.principal.has_role(*LEARNERS) else "tutor:childrens_results"
        return redirect(own, slug=request.organisation.slug)
    collections = list(queries.collections(request.principal))
    question = request.POST.get("question", "").strip()[:LONGEST_QUESTION]
    context: dict[str, Any] = {"collections": collections, "question": question}
    if question and collections:
        try:
            context["result"] = queries.search(
                request.principal, collection_ids=[one.pk for one in collections], query=question, k=HITS
            )
        except InferenceError:
            context["failure"] = _("The search did not answer in time. Please try again.")
    return render(request, "tutor/start.html", context)
