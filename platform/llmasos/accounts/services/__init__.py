"""Changes to accounts: each is a permission check, the change and its log entry in one transaction."""

from __future__ import annotations

from llmasos.accounts.services.invitations import (
    IssuedInvitation,
    accept_invitation,
    find_invitation,
    invite,
    revoke_invitation,
)
from llmasos.accounts.services.keys import (
    IssuedKey,
    add_service_account,
    authenticate_key,
    create_api_key,
    deactivate_service_account,
    restore_api_key,
    revoke_api_key,
)
from llmasos.accounts.services.organisations import add_organisation
from llmasos.accounts.services.people import (
    add_membership,
    add_person,
    add_person_without_mail,
    change_profile,
    change_roles,
    deactivate,
    password_link_token,
    reactivate,
)

__all__ = [
    "IssuedInvitation",
    "IssuedKey",
    "accept_invitation",
    "add_membership",
    "add_organisation",
    "add_person",
    "add_person_without_mail",
    "add_service_account",
    "authenticate_key",
    "change_profile",
    "change_roles",
    "create_api_key",
    "deactivate",
    "deactivate_service_account",
    "find_invitation",
    "invite",
    "password_link_token",
    "reactivate",
    "restore_api_key",
    "revoke_api_key",
    "revoke_invitation",
]
