"""Who calls: the API key in a request's Authorization header, and what it may do."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from llmasos.accounts.permissions import record_denial
from llmasos.accounts.principals import Principal
from llmasos.accounts.services import authenticate_key
from llmasos.api.limits import count_request
from llmasos.inference.database import aoutside


class NoKeyError(Exception):
    """The request carries no API key."""


def secret_of(headers: Mapping[str, str]) -> str:
    """Return the bearer token. Raises NoKeyError."""
    scheme, _, secret = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NoKeyError
    return secret.strip()


async def aadmitted(request: HttpRequest, *, scope: str | None) -> Principal:
    """Return whom the key stands for, with this request counted; a denial for want of the scope is recorded.

    On one of the few threads that the model service keeps for coroutines, so that a request that then streams for
    minutes holds no database connection of its own. Raises NoKeyError, KeyRefusedError, PermissionDenied or
    TooManyRequestsError.
    """
    return await aoutside(_admitted, request, secret_of(request.headers), scope)


def _admitted(request: HttpRequest, secret: str, scope: str | None) -> Principal:
    principal = authenticate_key(secret)
    if scope is not None and scope not in principal.scopes:
        record_denial(request, principal)
        raise PermissionDenied(f"this key lacks the scope {scope}")
    count_request(principal)
    return principal
