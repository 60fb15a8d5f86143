"""The page "who saw my data" for the person who is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy import queries, services
from llmasos.privacy.errors import PrivacyError
from llmasos.privacy.forms import RequestForm
from llmasos.privacy.registry import stores_of

PAGE_SIZE = 25


@never_cache
@require_safe
@member_view()
def mine(request: MemberRequest) -> HttpResponse:
    """Show a person what is held here and who saw it, with the way to a copy, a correction or erasure."""
    subject = _me(request)
    record(
        organisation_id=request.organisation.pk,
        actor=request.principal.actor,
        action="privacy.own_data_read",
        subject=subject,
        purpose="rights",
    )
    return render(request, "privacy/mine.html", _context(request, RequestForm()))


@never_cache
@require_POST
@member_view()
def export(request: MemberRequest) -> HttpResponse:
    return download(services.export_subject(request.principal, _me(request)))


@require_POST
@member_view()
def ask(request: MemberRequest) -> HttpResponse:
    form = RequestForm(request.POST)
    if form.is_valid():
        try:
            services.make_request(request.principal, _me(request), **form.cleaned_data)
        except PrivacyError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your request is with the organisation."))
            return redirect("privacy:mine", request.organisation.slug)
    return render(request, "privacy/mine.html", _context(request, form), status=422)


@require_POST
@member_view()
def withdraw(request: MemberRequest) -> HttpResponse:
    try:
        services.withdraw_consent(request.principal, _me(request), purpose=request.POST.get("purpose", ""))
    except PrivacyError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your consent is withdrawn."))
    return redirect("privacy:mine", request.organisation.slug)


def download(export: dict[str, Any]) -> HttpResponse:
    """Return an export as a file to keep."""
    return as_attachment(services.as_zip(export), name="my-data.zip")


def as_attachment(archive: bytes, *, name: str) -> HttpResponse:
    """Return an archive as a file to keep; nothing on the way stores it."""
    response = HttpResponse(archive, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _me(request: MemberRequest) -> Ref:
    return Ref("person", request.principal.id)


def _context(request: MemberRequest, form: RequestForm) -> dict[str, Any]:
    organisation_id, subject = request.organisation.pk, _me(request)
    page = Paginator(queries.entries_about(organisation_id, subject), PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "form": form,
        "page": page,
        "accesses": queries.in_words(page, subject, names=services.shows_names(subject)),
        "held": [
            (store, store.count(organisation_id, subject) if store.count else None) for store in stores_of(subject.kind)
        ],
        "requests": queries.answered(queries.requests_of(organisation_id, subject)),
        "consents": queries.consents_of(organisation_id, subject),
    }
