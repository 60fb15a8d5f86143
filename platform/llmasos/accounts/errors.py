"""Why a change to accounts was refused. The messages are for people."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied


class AccountsError(Exception):
    """Base of what accounts refuse."""


class NotAllowedError(AccountsError, PermissionDenied):
    """The principal does not have the role that the change needs."""


class LastAdministratorError(AccountsError):
    """An organisation keeps at least one active administrator."""


class AlreadyThereError(AccountsError):
    """The short name, member or name exists already."""


class NotFoundError(AccountsError):
    """There is no such row in the organisation."""


class InvitationUnusableError(AccountsError):
    """The invitation was used, revoked, has lapsed, or never existed."""


class KeyRefusedError(AccountsError):
    """The API key is unknown, revoked or expired. The message does not say which to the outside."""
