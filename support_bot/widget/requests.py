"""Opening a widget request: the site by its key, the visitor by the token, the body by its shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from llmasos.accounts.tenancy import acting_in
from support_bot.models import Site, Visitor
from support_bot.visitors import site_address, visitor_of
from support_bot.widget import problems

SCHEME = "Visitor "
BODY_LIMIT = 32 * 1024


View = Callable[..., HttpResponse]


def endpoint(method: str) -> Callable[[View], View]:
    """Make a widget endpoint of a view: one method, the visitor's language, problems as problem+json.

    No cookie is read for authority, so that there is nothing for a forged request to ride on.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @wraps(view)
        def wrapper(request: HttpRequest, site_key: str, **kwargs: Any) -> HttpResponse:
            with translation.override(language_of(request)):
                if request.method != method:
                    return method_not_allowed(method)
                try:
                    return view(request, site_key, **kwargs)
                except problems.ProblemError as problem:
                    return problem.response()

        return wrapper

    return decorate


def method_not_allowed(method: str) -> HttpResponse:
    response = problems.ProblemError(405, "method_not_allowed", _("This address does not do that.")).response()
    response["Allow"] = method
    return response


def language_of(request: HttpRequest) -> str:
    """Return the language that the request's header puts first, else the platform's own."""
    wanted = request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0].strip()
    return supported_language(wanted)


def supported_language(wanted: str) -> str:
    try:
        return translation.get_supported_language_variant(wanted.lower() or "en")
    except LookupError:
        return "en"


@contextmanager
def opened_site(site_key: str) -> Iterator[Site]:
    """Act in the organisation that a public key leads to, with its active site. Raises ProblemError 404."""
    address = site_address(site_key)
    if address is None:
        raise problems.not_found()
    with acting_in(address.organisation_id):
        site = Site.objects.for_organisation(address.organisation_id).filter(pk=address.site_id, active=True).first()
        if site is None:
            raise problems.not_found()
        yield site


def open_visitor(request: HttpRequest, site: Site) -> Visitor:
    """Return the visitor that the request's token names. Raises ProblemError 401."""
    authorization = request.headers.get("Authorization", "")
    visitor = visitor_of(site, authorization[len(SCHEME) :].strip()) if authorization.startswith(SCHEME) else None
    if visitor is None:
        raise problems.unknown_visitor()
    return visitor


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that was sent.

    The content type is required: a page of another origin cannot send it without asking the browser first.
    """
    if request.content_type != "application/json":
        raise problems.ProblemError(415, "json_expected", _("The request must be JSON."))
    if len(request.body) > BODY_LIMIT:
        raise problems.ProblemError(413, "too_long", _("The message is too long."))
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise problems.invalid(_("The request must be JSON.")) from error
    if not isinstance(body, dict):
        raise problems.invalid(_("The request must be a JSON object."))
    return body


def uuid_in(body: dict[str, Any], name: str) -> UUID:
    try:
        return UUID(str(body.get(name)))
    except ValueError as error:
        raise problems.invalid(_("An id is missing or is no UUID.")) from error
