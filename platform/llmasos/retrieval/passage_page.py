"""A page that searches all collections of the organisation and quotes what it finds, for applications to show."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from llmasos.accounts.permissions import MemberRequest
from llmasos.inference.errors import InferenceError
from llmasos.retrieval import queries

HITS: Final = 8
LONGEST_QUESTION: Final = 2_000


def passage_page(request: MemberRequest, template: str) -> HttpResponse:
    """Return the page of passages for the question that is posted, so that it stands in no address.

    Nothing is written by a model. ``template`` includes ``retrieval/passages.html``.
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
    return render(request, template, context)
