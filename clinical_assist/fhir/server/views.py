"""The FHIR interface: what it is, tokens for programs, and reading. Nothing can be written over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinical_assist.fhir.assertions import RefusedAssertionError
from clinical_assist.fhir.server import statements
from clinical_assist.fhir.server.clients import (
    LIFETIME_SECONDS,
    Reader,
    RefusedScopeError,
    active_clients,
    issue_token,
    reader_of,
)
from clinical_assist.fhir.server.scopes import TYPES, Act, allows
from clinical_assist.fhir.server.searching import PERSONAL, Search, SearchError, read, search, search_of
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.accounts.tenancy import acting_in
from llmasos.api.limits import TooManyRequestsError, count_request
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref

_MEDIA: Final = "application/fhir+json"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
View = Callable[..., HttpResponse]


class _RefusedError(Exception):
    """A request that is not answered; ``code`` is of FHIR's issue types."""

    def __init__(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self._status, self._code, self._headers = status, code, headers

    def response(self) -> HttpResponse:
        """Return the OperationOutcome."""
        outcome = statements.outcome(self._code, str(self))
        return JsonResponse(outcome, status=self._status, content_type=_MEDIA, headers=self._headers)


def fhir_view(act: Act) -> Callable[[View], View]:
    """Admit programs whose token covers the type, inside ``acting_in``; whatever is refused is an OperationOutcome."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @wraps(view)
        def wrapper(request: HttpRequest, slug: str, type_: str, **kwargs: Any) -> HttpResponse:
            organisation_id = organisation_of(slug)
            with acting_in(organisation_id):
                # Caught in here, so that the record of a denial is kept.
                try:
                    reader = _reader(request, organisation_id, type_, act)
                    return view(request, reader, type_, slug=slug, **kwargs)
                except _RefusedError as refused:
                    return refused.response()

        return wrapper

    return decorate


@require_safe
def metadata(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what the interface can do; open to everybody."""
    organisation_of(slug)
    return _fhir(statements.capability(_base(request, slug)))


@require_safe
def smart_configuration(request: HttpRequest, slug: str) -> HttpResponse:
    """Say where and how programs get tokens; open to everybody."""
    organisation_of(slug)
    return JsonResponse(statements.smart_configuration(_base(request, slug)))


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@require_POST
def token(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a token for a client's signed assertion (SMART backend services, RFC 7523)."""
    organisation_id = organisation_of(slug)
    given = request.POST
    if given.get("grant_type") != "client_credentials":
        return _no_token("unsupported_grant_type", _("grant_type must be client_credentials."))
    if given.get("client_assertion_type") != _ASSERTION or not given.get("client_assertion"):
        return _no_token("invalid_request", _("A signed client_assertion is needed."))
    audiences = (f"{_base(request, slug)}/token",)
    try:
        secret, scopes = issue_token(
            organisation_id, given["client_assertion"], audiences=audiences, asked=given.get("scope", "")
        )
    except RefusedAssertionError as error:
        with acting_in(organisation_id):
            record(
                organisation_id=organisation_id,
                actor=Actor("fhir_client"),
                action="clinical.fhir_token_refused",
                outcome="denied",
                digests={"reason": error.code},
            )
        said = _("The client or its assertion is not accepted: %(code)s.") % {"code": error.code}
        return _no_token("invalid_client", said, status=401)
    except RefusedScopeError:
        return _no_token("invalid_scope", _("None of these scopes is registered for the client."))
    answer = {
        "access_token": secret,
        "token_type": "bearer",
        "expires_in": LIFETIME_SECONDS,
        "scope": " ".join(scopes),
    }
    return JsonResponse(answer, headers={"Pragma": "no-cache"})


@require_http_methods(["GET", "HEAD"])
@fhir_view("r")
def instance(request: HttpRequest, reader: Reader, type_: str, *, slug: str, identity: str) -> HttpResponse:
    """Read one resource."""
    found = read(reader, type_, identity)
    if found is None:
        raise _RefusedError(404, "not-found", _("There is no such resource."))
    return _fhir(found)


@require_http_methods(["GET", "HEAD"])
@fhir_view("s")
def type_search(request: HttpRequest, reader: Reader, type_: str, *, slug: str) -> HttpResponse:
    """Search by what names nobody."""
    _require_nobody_in_address(request)
    return _page(request, reader, type_, slug, _pairs(request.GET))


@require_http_methods(["POST"])
@fhir_view("s")
def posted_search(request: HttpRequest, reader: Reader, type_: str, *, slug: str) -> HttpResponse:
    """Search by anything; what says who somebody is stands in the body."""
    _require_nobody_in_address(request)
    return _page(request, reader, type_, slug, [*_pairs(request.GET), *_pairs(request.POST)])


def organisation_of(slug: str) -> UUID:
    """Return the organisation of an address.

    Raises Http404, also where no program is registered: strangers are not told which organisations there are.
    """
    found = organisation_id_by_slug(slug)
    if found is not None:
        with acting_in(found):
            if active_clients(found).exists():
                return found
    raise Http404


def _reader(request: HttpRequest, organisation_id: UUID, type_: str, act: Act) -> Reader:
    if type_ not in TYPES:
        raise _RefusedError(404, "not-supported", _("Resources of this type are not held here."))
    if request.GET.get("_format", "json") not in {"json", "application/json", _MEDIA}:
        raise _RefusedError(406, "not-supported", _("Answers are JSON alone."))
    found = reader_of(organisation_id, request.headers.get("Authorization", ""))
    if found is None:
        said = _("The token is unknown, has lapsed, or was revoked.")
        raise _RefusedError(401, "login", said, {"WWW-Authenticate": "Bearer"})
    if not allows(found.scopes, type_, act):
        record(
            organisation_id=organisation_id,
            actor=found.actor,
            action="accounts.denied",
            object=Ref(f"fhir:{type_}"),
            outcome="denied",
        )
        raise _RefusedError(403, "forbidden", _("The token does not cover this."))
    try:
        count_request(found.principal)
    except TooManyRequestsError as error:
        wait = {"Retry-After": str(max(1, round(error.retry_after)))}
        raise _RefusedError(429, "throttled", _("Too many requests."), wait) from None
    return found


def _require_nobody_in_address(request: HttpRequest) -> None:
    if not PERSONAL.isdisjoint(request.GET):
        said = _("Send the identifier in the body of a POST to _search: it must not stand in an address.")
        raise _RefusedError(400, "invalid", said)


def _page(request: HttpRequest, reader: Reader, type_: str, slug: str, given: list[tuple[str, str]]) -> HttpResponse:
    try:
        asked = search_of(type_, given)
        found = search(reader, asked)
    except SearchError as error:
        raise _RefusedError(400, "invalid", str(error)) from None
    base = _base(request, slug)
    links = {"self": _address(base, asked, asked.offset)}
    if asked.offset + asked.count < found.total and PERSONAL.isdisjoint(asked.values):
        links["next"] = _address(base, asked, asked.offset + asked.count)
    return _fhir(statements.searchset(base, type_, found.resources, found.total, links))


def _address(base: str, asked: Search, offset: int) -> str:
    """Return the address of a page: ids and codes, and nothing that says who somebody is."""
    pairs = [(name, value) for name, values in asked.values.items() if name not in PERSONAL for value in values]
    pairs += [("_count", str(asked.count)), *([("_offset", str(offset))] if offset else [])]
    return f"{base}/{asked.type}?{urlencode(pairs)}"


def _pairs(given: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, values in given.lists() for value in values]


def _base(request: HttpRequest, slug: str) -> str:
    return request.build_absolute_uri(reverse("clinical_assist:fhir_metadata", args=[slug])).removesuffix("/metadata")


def _fhir(resource: Any, *, status: int = 200) -> HttpResponse:
    return JsonResponse(resource, status=status, content_type=_MEDIA)


def _no_token(code: str, text: str, *, status: int = 400) -> HttpResponse:
    return JsonResponse({"error": code, "error_description": text}, status=status)
