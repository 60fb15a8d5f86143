from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from llmasos.accounts.errors import NotAllowedError
from llmasos.accounts.models import Role
from llmasos.accounts.principals import Principal


def require_administrator(principal: Principal, organisation_id: UUID) -> None:
    """Admit administrators of the organisation, and the platform's own commands.

    Raises:
        NotAllowedError: anyone else.
    """
    if principal.organisation_id != organisation_id:
        raise NotAllowedError(_("You act in another organisation."))
    if principal.kind == "system" or (principal.kind == "person" and principal.has_role(Role.ADMINISTRATOR)):
        return
    raise NotAllowedError(_("Only administrators may do this."))
