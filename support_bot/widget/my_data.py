"""The visitor's own page: what is stored, who saw it, a copy, a correction, erasure.

It is opened from the chat by posting the token, so that no address and no cookie ever carries it; the page's own
buttons post it again.
"""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy import queries as privacy
from llmasos.privacy import services
from llmasos.privacy.errors import PrivacyError
from llmasos.privacy.forms import RequestForm
from llmasos.privacy.registry import stores_of
from llmasos.privacy.views.mine import download
from support_bot.models import Site, Visitor
from support_bot.visitors import visitor_of, visitor_principal
from support_bot.widget import limits, problems
from support_bot.widget.requests import language_of, opened_site, supported_language

PAGE_SIZE = 25
TOO_MANY = 429


# The token in the body is the authority, which a forged request does not have.
@csrf_exempt
@never_cache
def my_data(request: HttpRequest, site_key: str) -> HttpResponse:
    """Show the page, hand the copy over, or take a request down, as ``do`` says."""
    wanted = request.POST.get("language", "")
    with translation.override(supported_language(wanted) if wanted else language_of(request)):
        try:
            response = _answer(request, site_key)
        except problems.ProblemError as problem:
            context = {"reason": problem.detail if problem.status == TOO_MANY else ""}
            response = render(request, "support_bot/my_data_closed.html", context, status=problem.status)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _answer(request: HttpRequest, site_key: str) -> HttpResponse:
    with opened_site(site_key) as site:
        visitor = visitor_of(site, request.POST.get("token", "")) if request.method == "POST" else None
        if visitor is None:
            raise problems.not_found()
        limits.check_own_data(visitor_id=visitor.pk)
        match request.POST.get("do", ""):
            case "export":
                return download(services.export_subject(visitor_principal(visitor), Ref("visitor", visitor.pk)))
            case "ask":
                return _ask(request, site, visitor)
            case "withdraw":
                return _withdraw(request, site, visitor)
            case _:
                return _page(request, site, visitor, RequestForm())


def _ask(request: HttpRequest, site: Site, visitor: Visitor) -> HttpResponse:
    form = RequestForm(request.POST)
    if form.is_valid():
        try:
            services.make_request(visitor_principal(visitor), Ref("visitor", visitor.pk), **form.cleaned_data)
        except PrivacyError as error:
            form.add_error(None, str(error))
        else:
            return _page(request, site, visitor, RequestForm(), told=_("Your request is with the organisation."))
    return _page(request, site, visitor, form, status=422)


def _withdraw(request: HttpRequest, site: Site, visitor: Visitor) -> HttpResponse:
    principal, subject = visitor_principal(visitor), Ref("visitor", visitor.pk)
    try:
        services.withdraw_consent(principal, subject, purpose=request.POST.get("purpose", ""))
    except PrivacyError as error:
        return _page(request, site, visitor, RequestForm(), told=str(error), status=409)
    return _page(request, site, visitor, RequestForm(), told=_("Your consent is withdrawn."))


def _page(
    request: HttpRequest, site: Site, visitor: Visitor, form: RequestForm, *, told: str = "", status: int = 200
) -> HttpResponse:
    organisation_id, subject = visitor.organisation_id, Ref("visitor", visitor.pk)
    record(
        organisation_id=organisation_id,
        actor=visitor_principal(visitor).actor,
        action="privacy.own_data_read",
        subject=subject,
        purpose="rights",
    )
    page = Paginator(privacy.entries_about(organisation_id, subject), PAGE_SIZE).get_page(request.POST.get("page"))
    context: dict[str, Any] = {
        "site": site,
        "token": request.POST["token"],
        "language": translation.get_language(),
        "told": told,
        "form": form,
        "page": page,
        "accesses": privacy.in_words(page, subject, names=services.shows_names(subject)),
        "held": [
            (store, store.count(organisation_id, subject) if store.count else None) for store in stores_of(subject.kind)
        ],
        "requests": privacy.answered(privacy.requests_of(organisation_id, subject)),
        "consents": privacy.consents_of(organisation_id, subject),
    }
    return render(request, "support_bot/my_data.html", context, status=status)
