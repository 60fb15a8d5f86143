"""Who may search and who may change what is known."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from llmasos.accounts.models import Role
from llmasos.accounts.principals import PROGRAMS, Principal

READERS = (Role.ADMINISTRATOR, Role.AGENT, Role.TEACHER, Role.CLINICIAN)
MANAGERS = (Role.ADMINISTRATOR, Role.AGENT, Role.TEACHER, Role.CLINICIAN)


def require_search(principal: Principal) -> None:
    """An API key, also a service account's, needs the scope ``search``; members, visitors and the platform do not."""
    if principal.kind in PROGRAMS and "search" not in principal.scopes:
        raise PermissionDenied("this key lacks the scope search")


def require_management(principal: Principal) -> None:
    """Those who work with the knowledge may change it, and the platform's own commands."""
    if principal.kind != "system" and not principal.has_role(*MANAGERS):
        raise PermissionDenied("this role may not change the knowledge")
