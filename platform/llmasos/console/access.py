"""Who may open the installation's pages, and as whom operators act in an organisation."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from llmasos.accounts.models import Person
from llmasos.accounts.principals import Principal
from llmasos.inference.valkey import impatient

P = ParamSpec("P")
# As the log names whoever acts in an organisation without being its member.
OPERATOR = "operator"


class OperatorRequest(HttpRequest):
    """A request that ``operator_view`` has let through."""

    user: Person


def operator_view(
    view: Callable[Concatenate[Any, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Admit operators of the installation; the refusal of anybody else is recorded."""

    shown = prompt(view)

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not (isinstance(request.user, Person) and request.user.is_operator):
            raise PermissionDenied
        return shown(request, *args, **kwargs)

    return wrapper


def prompt(view: Callable[Concatenate[Any, P], HttpResponseBase]) -> Callable[Concatenate[Any, P], HttpResponseBase]:
    """Have a page, or an act, find within a second that Valkey is away, where it is."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        with impatient():
            return view(request, *args, **kwargs)

    return wrapper


def operator_in(request: OperatorRequest, organisation_id: UUID) -> Principal:
    """Return the operator as one who acts in an organisation; its log names the role."""
    return Principal(organisation_id=organisation_id, kind="person", id=request.user.pk, roles=frozenset({OPERATOR}))
