from __future__ import annotations

from llmasos.accounts.models import Role
from llmasos.accounts.principals import Principal

READERS = (Role.ADMINISTRATOR, Role.AUDITOR)


def may_change(principal: Principal) -> bool:
    """Whether this principal may set the policy."""
    return principal.kind == "system" or principal.has_role(Role.ADMINISTRATOR)


def may_restore(principal: Principal) -> bool:
    """Whether this principal may lead surrogates back to the originals."""
    return principal.kind == "system" or principal.has_role(Role.ADMINISTRATOR, Role.CLINICIAN)
