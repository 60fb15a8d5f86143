"""Who may use the model service."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from llmasos.accounts.errors import NotAllowedError
from llmasos.accounts.models import Person
from llmasos.accounts.principals import PROGRAMS, Principal
from llmasos.inference.models import Run


def require_use(principal: Principal, scope: str) -> None:
    """An API key, also one of a service account, needs the scope (`generate` or `embed`); people do not."""
    if principal.kind in PROGRAMS and scope not in principal.scopes:
        raise PermissionDenied(f"this key lacks the scope {scope}")


def may_cancel(principal: Principal, run: Run) -> bool:
    """Whoever started a run, the organisation's administrators, operators, and the platform itself."""
    if principal.has_role("administrator") or (
        principal.kind == run.principal_kind and principal.id == run.principal_id
    ):
        return True
    return is_operator(principal)


def is_operator(principal: Principal) -> bool:
    """Whether this is somebody who runs the installation, or its own command."""
    if principal.kind == "system":
        return True
    if principal.kind != "person" or principal.id is None:
        return False
    return Person.objects.filter(pk=principal.id, is_operator=True).exists()


def require_operator(principal: Principal) -> None:
    """Raise NotAllowedError for all but operators and the platform's own commands."""
    if not is_operator(principal):
        raise NotAllowedError(_("Only operators of the installation may do this."))
