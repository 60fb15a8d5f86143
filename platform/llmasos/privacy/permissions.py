"""Who may work on personal data: administrators; auditors may read the lists that name nobody."""

from __future__ import annotations

from django.utils.translation import gettext as _

from llmasos.accounts.models import Role
from llmasos.accounts.principals import Principal
from llmasos.audit.types import Ref
from llmasos.privacy.errors import NotAllowedError

OFFICERS = (Role.ADMINISTRATOR.value,)
READERS = (Role.ADMINISTRATOR.value, Role.AUDITOR.value)


def require_officer(principal: Principal) -> None:
    """Admit those who decide on requests, erasures, periods and holds, and the platform's own commands.

    Raises:
        NotAllowedError: anyone else.
    """
    if principal.kind == "system" or (principal.kind == "person" and principal.has_role(*OFFICERS)):
        return
    raise NotAllowedError(_("Only administrators may do this."))


def require_reader(principal: Principal) -> None:
    """Admit officers and auditors.

    Raises:
        NotAllowedError: anyone else.
    """
    if not (principal.kind == "person" and principal.has_role(*READERS)):
        require_officer(principal)


def require_self_or_officer(principal: Principal, subject: Ref) -> None:
    """Admit the subject, for what concerns the subject alone, and officers.

    Raises:
        NotAllowedError: anyone else.
    """
    if not is_self(principal, subject):
        require_officer(principal)


def is_self(principal: Principal, subject: Ref) -> bool:
    return principal.id is not None and (principal.kind, principal.id) == (subject.kind, subject.id)
