"""Choosing the references, and their passages about a condition."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinical_assist.governance import leads
from clinical_assist.governance.references import queries, services
from clinical_assist.governance.references.services import NoReferenceError
from clinical_assist.intake.engine import engine_of
from clinical_assist.permissions import READERS
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.inference.errors import InferenceError
from llmasos.retrieval.queries import collections


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
def references(request: MemberRequest) -> HttpResponse:
    """Show which collections are references; POST chooses them."""
    if request.method == "POST":
        try:
            services.choose(request.principal, _ids(request.POST.getlist("collection")))
        except NoReferenceError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The references are chosen."))
        return redirect("clinical_assist:references", request.organisation.slug)
    organisation_id = request.organisation.pk
    chosen, personal = set(queries.reference_ids(organisation_id)), queries.about_people(organisation_id)
    context = {
        "collections": [(one, one.pk in chosen, one.pk in personal) for one in collections(request.principal)],
        "governs": leads.governs(request.principal),
    }
    return render(request, "clinical_assist/governance/references.html", context)


@require_safe
@member_view(*READERS)
def passages(request: MemberRequest, code: str) -> HttpResponse:
    """Quote what the references say of a condition; a part of a page when htmx asks for it."""
    engine = engine_of(request.organisation.pk)
    condition = engine.conditions.get(code)
    if condition is None:
        raise Http404
    context: dict[str, Any] = {"condition": condition, "chosen": bool(queries.reference_ids(request.organisation.pk))}
    try:
        context["passages"] = queries.passages(request.principal, condition, engine.knowledge)
    except InferenceError:
        context["failure"] = _("The search did not answer in time. Please try again.")
    part = bool(request.headers.get("HX-Request"))
    template = "passages_part.html" if part else "passages.html"
    return render(request, f"clinical_assist/governance/{template}", context)


def _ids(values: list[str]) -> set[UUID]:
    try:
        return {UUID(value) for value in values}
    except ValueError:
        raise Http404 from None
