"""The endpoints of CDS Hooks. Callers sign their calls; browsers of registered origins may read the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from clinical_assist.fhir.assertions import RefusedAssertionError
from clinical_assist.hooks import answering, schemas
from clinical_assist.hooks.callers import active_callers, caller_of
from clinical_assist.hooks.definitions import SERVICES
from clinical_assist.hooks.reading import has_data
from clinical_assist.models import HookCaller
from llmasos.accounts.principals import Principal
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.accounts.tenancy import acting_in
from llmasos.api.limits import TooManyRequestsError, count_request
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref

_MOST_BYTES: Final = 4 * 1024 * 1024
View = Callable[..., HttpResponse]


def endpoint(*methods: str) -> Callable[[View], View]:
    """Find the organisation, answer preflights, and let pages of registered origins read the answer."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @never_cache
        @wraps(view)
        def wrapper(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
            organisation_id = organisation_of(slug)
            if request.method == "OPTIONS":
                response = HttpResponse(status=204)
            elif request.method not in methods:
                response = HttpResponse(status=405)
            else:
                response = view(request, organisation_id, slug=slug, **kwargs)
            response["Allow"] = ", ".join((*methods, "OPTIONS"))
            return _shared(request, organisation_id, response, methods)

        return wrapper

    return decorate


@endpoint("GET")
def services(request: HttpRequest, organisation_id: UUID, *, slug: str) -> HttpResponse:
    """List the services."""
    return JsonResponse({"services": [one.described() for one in SERVICES.values()]})


@endpoint("POST")
def service(request: HttpRequest, organisation_id: UUID, *, slug: str, service_id: str) -> HttpResponse:
    """Answer one call with cards."""
    caller = _caller(request, organisation_id, service_id)
    if isinstance(caller, HttpResponse):
        return caller
    message = _message(request, "request")
    if isinstance(message, HttpResponse):
        return message
    if message["hook"] != service_id:
        return _refusal(400, _("hook: this service answers %(hook)s.") % {"hook": service_id})
    if service_id == "patient-view" and not has_data(message):
        return _refusal(412, _("Nothing of the patient was prefetched, and this service fetches nothing itself."))
    about = request.build_absolute_uri(reverse("clinical_assist:about_one", args=[slug, "medicine_checks"]))
    return JsonResponse(answering.answer(caller, message, about=about))


@endpoint("POST")
def feedback(request: HttpRequest, organisation_id: UUID, *, slug: str, service_id: str) -> HttpResponse:
    """Take what became of cards."""
    caller = _caller(request, organisation_id, service_id)
    if isinstance(caller, HttpResponse):
        return caller
    message = _message(request, "feedback")
    if isinstance(message, HttpResponse):
        return message
    answering.take_feedback(caller, service_id, message)
    return JsonResponse({})


def organisation_of(slug: str) -> UUID:
    """Return the organisation of an address.

    Raises Http404, also where no caller is registered: strangers are not told which organisations there are.
    """
    found = organisation_id_by_slug(slug)
    if found is not None:
        with acting_in(found):
            if active_callers(found).exists():
                return found
    raise Http404


def _caller(request: HttpRequest, organisation_id: UUID, service_id: str) -> HookCaller | HttpResponse:
    if service_id not in SERVICES:
        return _refusal(404, _("There is no such service."))
    # A client may name the service, or where its services are listed.
    here = request.build_absolute_uri(request.path)
    audiences = (here, here.removesuffix("/feedback"), here.partition(f"/{service_id}")[0])
    try:
        found = caller_of(organisation_id, request.headers.get("Authorization", ""), audiences)
        count_request(Principal(organisation_id, "service", found.pk))
    except RefusedAssertionError as error:
        with acting_in(organisation_id):
            record(
                organisation_id=organisation_id,
                actor=Actor("hook_caller"),
                action="clinical.hook_refused",
                object=Ref(f"cds_service:{service_id}"),
                outcome="denied",
                digests={"reason": error.code},
            )
        response = _refusal(401, _("The call is not signed by a registered system: %(code)s.") % {"code": error.code})
        response["WWW-Authenticate"] = "Bearer"
        return response
    except TooManyRequestsError as error:
        response = _refusal(429, _("Too many calls."))
        response["Retry-After"] = str(max(1, round(error.retry_after)))
        return response
    return found


def _message(request: HttpRequest, name: schemas.Name) -> Any:
    if len(request.body) > _MOST_BYTES:
        return _refusal(413, _("The message is larger than 4 MB."))
    try:
        message = json.loads(request.body)
    except (ValueError, RecursionError):
        return _refusal(400, _("The message is no JSON."))
    wrong = schemas.problem(name, message)
    return _refusal(400, wrong) if wrong else message


def _refusal(status: int, text: str) -> HttpResponse:
    return JsonResponse({"error": text}, status=status)


def _shared(
    request: HttpRequest, organisation_id: UUID, response: HttpResponse, methods: tuple[str, ...]
) -> HttpResponse:
    """Let the page that asked read the answer, where its origin is registered."""
    patch_vary_headers(response, ["Origin"])
    origin = request.headers.get("Origin", "")
    if not origin:
        return response
    with acting_in(organisation_id):
        is_known = active_callers(organisation_id).filter(origins__contains=[origin]).exists()
    if is_known:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Methods"] = ", ".join((*methods, "OPTIONS"))
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response["Access-Control-Max-Age"] = "600"
    return response
