"""How often one address may ask for a page, whoever it is. Counted in Valkey, shared by all web processes.

Sign-in, password reset and second factors are counted by account as well (``ACCOUNT_RATE_LIMITS``), API calls by key,
the widget's messages by visitor and site; these here stop an address before any of that is looked at.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from llmasos.api.error_forms import Failure, document, is_of_a_program
from llmasos.inference.valkey import UNREACHABLE, async_client, client
from llmasos.middleware import Middleware
from llmasos.runtime.routes import Route, route_of

_IPV6_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` requests of one address in a window of ``seconds``. Routes of one ``name`` share a counter."""

    name: str
    count: int
    seconds: int = 60


# Wide enough for a school behind one address; narrow enough that one address cannot occupy the machine.
PAGES = Limit("pages", 3_000)
SIGN_IN = Limit("sign-in", 240)
ONE_TIME_LINKS = Limit("one-time-links", 60)
MAIL = Limit("mail", 30)
METRICS = Limit("metrics", 120)
EXPENSIVE = Limit("expensive", 60)

LIMITS: Mapping[str, Limit] = {
    "account_login": SIGN_IN,
    "account_reauthenticate": SIGN_IN,
    "account_signup": SIGN_IN,
    "account_confirm_login_code": SIGN_IN,
    "mfa_authenticate": SIGN_IN,
    "mfa_reauthenticate": SIGN_IN,
    "mfa_login_webauthn": SIGN_IN,
    "mfa_reauthenticate_webauthn": SIGN_IN,
    "admin:login": SIGN_IN,
    "tutor:card_sign_in": SIGN_IN,
    "tutor:lti_login": SIGN_IN,
    "tutor:lti_launch": SIGN_IN,
    "tutor:lti_arrive": SIGN_IN,
    "clinical_assist:fhir_token": SIGN_IN,
    "account_reset_password": MAIL,
    "account_reset_password_from_key": ONE_TIME_LINKS,
    "account_confirm_email": ONE_TIME_LINKS,
    "accounts:setup": ONE_TIME_LINKS,
    "accounts:invitation": ONE_TIME_LINKS,
    "runtime:metrics": METRICS,
    # The schema is built anew for each request.
    "api:schema": EXPENSIVE,
}
# Why a page is not counted by address.
EXEMPT: Mapping[str, str] = {
    "runtime:live": "A probe that is refused restarts a healthy process; the answer costs nothing.",
    "runtime:ready": "A probe that is refused takes a healthy process out of service; measured once a second at most.",
    "api:chat_completions": "Counted by key; a program of one address may use all of its key's requests.",
    "api:completions": "Counted by key.",
    "api:embeddings": "Counted by key.",
}
# Requests without an accepted key are counted by address, so that nobody floods the look-up of keys.
REFUSED_KEYS = Limit("refused-keys", 600)
_BLOCKED_AT_MOST = 10_000
_PATIENCE_SECONDS = 2.0
_UNCOUNTED_SECONDS = 3.0
_uncounted_until = 0.0
# Addresses with too many refused keys, until when: a request with a good key costs no look-up for this.
_blocked: dict[str, float] = {}


def limit_of(route: Route) -> Limit | None:
    """Return the limit of a route; None where it is exempt."""
    return None if route.name in EXEMPT else LIMITS.get(route.name, PAGES)


class PublicLimitsMiddleware(Middleware):
    """Refuses what goes beyond a route's limit with 429 and Retry-After. Counts nothing while Valkey is away."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._respond(request)
        limit = limit_of(route_of(request))
        wait = _blocked_for(request) if limit is None else count(request, limit)
        if wait:
            return refusal(request, wait)
        response = self.get_response(request)
        if limit is None and getattr(response, "status_code", 0) == 401:
            _block(request, count(request, REFUSED_KEYS))
        return response

    async def _respond(self, request: HttpRequest) -> HttpResponseBase:
        limit = limit_of(route_of(request))
        wait = _blocked_for(request) if limit is None else await acount(request, limit)
        if wait:
            return await sync_to_async(refusal)(request, wait)
        answer = self.get_response(request)
        response = answer if isinstance(answer, HttpResponseBase) else await answer
        if limit is None and response.status_code == 401:
            _block(request, await acount(request, REFUSED_KEYS))
        return response


def count(request: HttpRequest, limit: Limit) -> int:
    """Count one request and return the seconds to wait, 0 where it may pass."""
    key, left = _window(request, limit)
    try:
        with client().pipeline(transaction=False) as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, limit.seconds + 1, nx=True)
            used = int(pipeline.execute()[0])
    except UNREACHABLE:
        return 0
    return left if used > limit.count else 0


async def acount(request: HttpRequest, limit: Limit) -> int:
    """`count` for coroutines. Nobody waits long for a Valkey that hangs: then nothing is counted for a while."""
    global _uncounted_until
    if time.monotonic() < _uncounted_until:
        return 0
    key, left = _window(request, limit)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), async_client().pipeline(transaction=False) as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, limit.seconds + 1, nx=True)
            used = int((await pipeline.execute())[0])
    except TimeoutError:
        _uncounted_until = time.monotonic() + _UNCOUNTED_SECONDS
        return 0
    except UNREACHABLE:
        return 0
    return left if used > limit.count else 0


def refusal(request: HttpRequest, seconds: int) -> HttpResponse:
    """Return the answer to one request too many, in the form that the route's callers understand."""
    text = _("Too many requests from this address. Wait for %(seconds)s seconds.") % {"seconds": seconds}
    response: HttpResponse
    if is_of_a_program(request):
        response = document(
            request,
            Failure(
                429,
                "too_many_requests",
                _("Too many requests"),
                text,
                kind="rate_limit_error",
                openai_code="rate_limit_exceeded",
            ),
        )
    else:
        response = render(request, "429.html", {"seconds": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def address_of(request: HttpRequest) -> str:
    """Return the address that asks; of an IPv6 address the network, since one customer has all of it."""
    given = str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False).network_address)
    return str(address)


def _window(request: HttpRequest, limit: Limit) -> tuple[str, int]:
    """Return the counter of the running window and the seconds until it ends. Addresses are kept as keyed digests."""
    number, passed = divmod(time.time(), limit.seconds)
    digest = _digest(request)
    return f"llmasos:public:{limit.name}:{digest}:{number:.0f}", max(1, round(limit.seconds - passed))


def _digest(request: HttpRequest) -> str:
    return salted_hmac("llmasos.runtime.address", address_of(request), algorithm="sha256").hexdigest()[:32]


def _blocked_for(request: HttpRequest) -> int:
    if not _blocked:
        return 0
    until = _blocked.get(_digest(request), 0.0)
    return max(0, round(until - time.time()))


def _block(request: HttpRequest, seconds: int) -> None:
    if seconds:
        now = time.time()
        for lapsed in [address for address, until in _blocked.items() if until < now]:
            _blocked.pop(lapsed, None)
        if len(_blocked) < _BLOCKED_AT_MOST:
            _blocked[_digest(request)] = now + seconds
