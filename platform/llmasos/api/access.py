"""Who calls: the API key in a request's Authorization header, and what it may do."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import copy_context

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from llmasos.accounts.permissions import record_denial
from llmasos.accounts.principals import Principal
from llmasos.accounts.services import authenticate_key
from llmasos.inference.database import aoutside


class NoKeyError(Exception):
    """The request carries no API key."""


def secret_of(headers: Mapping[str, str]) -> str:
    """Return the bearer token. Raises NoKeyError."""
    scheme, _, secret = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NoKeyError
    return secret.strip()


async def aprincipal_of(request: HttpRequest) -> Principal:
    """Return whom the key stands for. Raises NoKeyError or KeyRefusedError.

    Looked up on the few threads that the model service keeps for coroutines, so that a request that
    then streams for minutes holds no database connection of its own; the request's context goes along
    for the log.
    """
    return await aoutside(copy_context().run, authenticate_key, secret_of(request.headers))


async def arequire_scope(request: HttpRequest, principal: Principal, scope: str) -> None:
    """Raise PermissionDenied for a key, a service account's too, that lacks the scope. The denial is recorded."""
    if scope not in principal.scopes:
        await aoutside(copy_context().run, record_denial, request, principal)
        raise PermissionDenied(f"this key lacks the scope {scope}")
