"""Who may use the model service."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from llmasos.accounts.principals import PROGRAMS, Principal
from llmasos.inference.models import Run


def require_use(principal: Principal, scope: str) -> None:
    """An API key, also one of a service account, needs the scope (`generate` or `embed`); people do not."""
    if principal.kind in PROGRAMS and scope not in principal.scopes:
        raise PermissionDenied(f"this key lacks the scope {scope}")


def may_cancel(principal: Principal, run: Run) -> bool:
    """Whoever started a run, the organisation's administrators, and the platform itself."""
    if principal.kind == "system" or principal.has_role("administrator"):
        return True
    return principal.kind == run.principal_kind and principal.id == run.principal_id
