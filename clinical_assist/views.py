"""The way in, and a search in the organisation's references that quotes its sources."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinical_assist.permissions import READERS
from clinical_assist.record.access import CLINICIANS
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.inference.errors import InferenceError
from llmasos.retrieval import queries

HITS = 8
LONGEST_QUESTION = 2_000


@require_safe
@member_view(*READERS)
def start(request: MemberRequest) -> HttpResponse:
    """Lead to where the day begins: clinicians to today's list, others to the references."""
    own = "clinical_assist:today" if request.principal.has_role(*CLINICIANS) else "clinical_assist:search"
    return redirect(own, slug=request.organisation.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def references(request: MemberRequest) -> HttpResponse:
    """Search all collections of the organisation; passages are quoted, nothing is written by a model.

    The question is posted, so that it stands in no address.
    """
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
    return render(request, "clinical_assist/search.html", context)
