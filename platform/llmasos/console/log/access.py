"""Who may open the log's pages, and in whose time they are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache

from llmasos.accounts.models import Role
from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.audit.services import record
from llmasos.audit.types import Ref

if TYPE_CHECKING:
    from llmasos.audit.canonical import DigestValue

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponseBase]


def log_view(view: View[P], *roles: str) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
    """Admit ``roles`` (administrators and auditors if none is given), in the organisation's time zone, uncached."""

    @wraps(view)
    def in_its_time(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        with timezone.override(ZoneInfo(request.organisation.time_zone)):
            return view(request, *args, **kwargs)

    return never_cache(member_view(*(roles or (Role.ADMINISTRATOR, Role.AUDITOR)))(in_its_time))


def record_reading(
    request: MemberRequest,
    *,
    page: str,
    target: Ref | None = None,
    subject: Ref | None = None,
    digests: Mapping[str, DigestValue] | None = None,
) -> None:
    """Record that somebody read the log, or what was made from it; ``subject`` when only one person's entries were."""
    organisation_id = request.organisation.pk
    record(
        organisation_id=organisation_id,
        actor=request.principal.actor,
        action="audit.read",
        subject=subject,
        object=target or Ref("log", organisation_id),
        digests={"page": page, **(digests or {})},
    )
