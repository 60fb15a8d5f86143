"""Who may open what: the organisation comes from the address, the roles from the person's memberships."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, cast
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url

from llmasos.accounts.principals import Principal
from llmasos.accounts.queries import membership_in
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor, Ref

if TYPE_CHECKING:
    from llmasos.accounts.models import Organisation, Person

P = ParamSpec("P")
# What the log holds of the kind of an object.
KIND_LENGTH = 64


class MemberRequest(HttpRequest):
    """A request that ``member_view`` has let through."""

    organisation: Organisation
    principal: Principal
    user: Person


def page_of(request: HttpRequest) -> Ref:
    """Name the page by its route, such as ``page:accounts:keys``: an address could hold personal data."""
    match = request.resolver_match
    kind = f"page:{match.view_name}" if match is not None and match.view_name else "page"
    return Ref(kind[:KIND_LENGTH], None)


def record_denial(request: HttpRequest, principal: Principal | None = None) -> None:
    """Record once that this request was denied: for ``principal``, or for whom the request itself names.

    In the organisation acted in; elsewhere, as on the pages for operators, in the installation's log.
    """
    if getattr(request, "denial_recorded", False):
        return
    principal = principal or getattr(request, "principal", None)
    if principal is not None:
        with acting_in(principal.organisation_id):
            _record_denial(request, principal.organisation_id, principal.actor)
    else:
        known = request.user.is_authenticated
        _record_denial(request, PLATFORM, Actor("person", request.user.pk) if known else Actor("visitor"))
    request.denial_recorded = True  # type: ignore[attr-defined]


def _record_denial(request: HttpRequest, organisation_id: UUID, actor: Actor) -> None:
    record(
        organisation_id=organisation_id,
        actor=actor,
        action="accounts.denied",
        object=page_of(request),
        outcome="denied",
    )


def member_view(
    *roles: str,
) -> Callable[
    [Callable[Concatenate[Any, P], HttpResponseBase]], Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]
]:
    """Admit members of the organisation named in the address who hold one of ``roles`` (any role if none given).

    Strangers get a 404, as if the organisation did not exist; members without the role get a 403, which is recorded.
    The view runs inside ``acting_in(request.organisation)``: one transaction holds its reads and its log entries.
    """

    def decorate(
        view: Callable[Concatenate[Any, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
        @wraps(view)
        def wrapper(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect(f"{resolve_url(settings.LOGIN_URL)}?next={quote(request.get_full_path())}")
            membership = membership_in(slug, request.user.pk)
            if membership is None:
                raise Http404
            principal = Principal(
                organisation_id=membership.organisation_id,
                kind="person",
                id=request.user.pk,
                roles=membership.roles,
            )
            if roles and not principal.has_role(*roles):
                record_denial(request, principal)
                raise PermissionDenied
            with acting_in(membership.organisation_id):
                request.organisation = membership.organisation()  # type: ignore[attr-defined]
                request.principal = principal  # type: ignore[attr-defined]
                return view(request, *args, **kwargs)

        wrapper.required_roles = roles  # type: ignore[attr-defined]
        return cast("Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]", wrapper)

    return decorate
