"""Who may do what in the support assistant's pages."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from llmasos.accounts.principals import Principal

READERS = ("administrator", "agent")
SITE_EDITORS = ("administrator",)


def require_site_editor(principal: Principal) -> None:
    if not principal.has_role(*SITE_EDITORS):
        raise PermissionDenied("only administrators change sites")
