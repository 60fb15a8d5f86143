"""HTTPS outside this machine: without it, passwords and what people wrote could be read on the way."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port
from django.shortcuts import render
from django.utils.translation import gettext as _

from llmasos.api.error_forms import Failure, document
from llmasos.middleware import Middleware


class HttpsOnlyMiddleware(Middleware):
    """Refuses plain requests that come from another machine or ask for another name than this machine's own.

    In production Django's own middleware has sent them to HTTPS before.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if not settings.HTTPS_OUTSIDE or _may_be_plain(request):
            return self.get_response(request)
        return _refused_later(request) if self.is_async else _refused(request)


def _may_be_plain(request: HttpRequest) -> bool:
    if request.is_secure() or any(
        re.search(pattern, request.path.lstrip("/")) for pattern in settings.SECURE_REDIRECT_EXEMPT
    ):
        return True
    name, _port = split_domain_port(request.META.get("HTTP_HOST", ""))
    # A proxy on this machine that names nobody leaves the name that was asked for.
    return _is_this_machine(request.META.get("REMOTE_ADDR") or "127.0.0.1") and _is_this_machine(name)


def _is_this_machine(name: str) -> bool:
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


async def _refused_later(request: HttpRequest) -> HttpResponse:
    return _refused(request)


def _refused(request: HttpRequest) -> HttpResponse:
    if "text/html" in request.headers.get("Accept", ""):
        return render(request, "https_only.html", status=403)
    detail = _("From another machine this installation answers over HTTPS only.")
    return document(request, Failure(403, "https_only", _("HTTPS is required"), detail, kind="permission_error"))
