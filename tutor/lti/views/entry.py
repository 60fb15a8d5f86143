"""The public entries: where a platform begins a login, posts a launch, and reads our keys.

Platforms post from their own pages: state and signature stand where the token of a form stands elsewhere.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.accounts.tenancy import acting_in
from llmasos.inference.valkey import UNREACHABLE
from tutor.lti import pending, platforms, protocol
from tutor.lti.refusing import refusal
from tutor.models import LtiPlatform

STATE_COOKIE: Final = "lti-state"
LAUNCH_COOKIE: Final = "lti-launch"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Answer a login initiation: send the browser to the platform, or out of a frame first."""
    organisation_id = organisation_of(slug)
    parameters = {**request.GET.dict(), **request.POST.dict()}
    if request.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"}:
        # Browsers keep our cookies from a page in another site's frame.
        return _way_out(request)
    address = request.build_absolute_uri(reverse("tutor:lti_launch", args=[slug]))
    try:
        leads_to, state = protocol.begin(_registered(organisation_id), parameters, launch_url=address)
    except protocol.RefusedLaunchError as error:
        return refusal(request, organisation_id, error)
    except UNREACHABLE:
        return refusal(request, organisation_id, protocol.RefusedLaunchError("away"))
    response = redirect(leads_to)
    # The launch is posted from the platform's page: only such a cookie comes with it.
    response.set_cookie(
        STATE_COOKIE, state, max_age=pending.LIFETIME_SECONDS, httponly=True, secure=True, samesite="None",
        path=reverse("tutor:lti_launch", args=[slug]),
    )  # fmt: skip
    return response


@csrf_exempt
@never_cache
@sensitive_post_parameters()
@require_POST
def launch(request: HttpRequest, slug: str) -> HttpResponse:
    """Check a launch and lead on. The next page has the browser's own session; a post from elsewhere has none."""
    organisation_id = organisation_of(slug)
    bound = request.COOKIES.get(STATE_COOKIE, "")
    try:
        found = protocol.accept(_registered(organisation_id), organisation_id, request.POST.dict(), bound_state=bound)
        token = pending.put("launch", organisation_id, asdict(found))
    except protocol.RefusedLaunchError as error:
        return refusal(request, organisation_id, error)
    except UNREACHABLE:
        return refusal(request, organisation_id, protocol.RefusedLaunchError("away"))
    response = redirect("tutor:lti_arrive", slug)
    response.set_cookie(
        LAUNCH_COOKIE, token, max_age=pending.LIFETIME_SECONDS, httponly=True, secure=request.is_secure(),
        samesite="Lax", path=f"/o/{slug}/tutor/lti/",
    )  # fmt: skip
    return response


@require_safe
def keys(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the public halves of our keys."""
    organisation_id = organisation_of(slug)
    with acting_in(organisation_id):
        return JsonResponse(platforms.key_set(organisation_id))


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["https:"]})
def _way_out(request: HttpRequest) -> HttpResponse:
    """Offer a window of its own. Whoever embeds this gets a link, and nothing of anybody's."""
    parameters = {**request.GET.dict(), **request.POST.dict()}
    return render(request, "tutor/lti/window.html", {"address": f"{request.path}?{urlencode(parameters)}"})


def organisation_of(slug: str) -> UUID:
    """Return the organisation that an address names.

    Raises Http404, also where no platform is registered: strangers are not told which organisations there are.
    """
    found = organisation_id_by_slug(slug)
    if found is not None:
        with acting_in(found):
            if LtiPlatform.objects.for_organisation(found).exists():
                return found
    raise Http404


def _registered(organisation_id: UUID) -> list[LtiPlatform]:
    with acting_in(organisation_id):
        found = list(LtiPlatform.objects.for_organisation(organisation_id))
        for one in found:
            # Sealed fields open on reading; the checks that follow run outside the transaction.
            _opened = one.private_key
        return found
