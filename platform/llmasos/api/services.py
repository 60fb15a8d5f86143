"""Writes of the API package: the key that programs on the platform's own machine use."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from llmasos.accounts.errors import KeyRefusedError
from llmasos.accounts.models import Organisation, Scope, ServiceAccount
from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import organisation_id_by_slug, organisation_ids
from llmasos.accounts.services import add_service_account, authenticate_key, create_api_key
from llmasos.accounts.tenancy import acting_in
from llmasos.client.credentials import Credentials, local_credentials_path, read_credentials, write_credentials
from llmasos.client.errors import ConfigurationError
from llmasos.runtime import locations

LOCAL_ACCOUNT = "local programs"
# The demo organisation that a first program talks to, where there is one.
_FIRST_CHOICE = "shop"


def ensure_local_credentials(base_url: str) -> Path | None:
    """Leave server and key for the SDK on this machine; return the file, or None without an organisation.

    Called by whoever starts the platform, after migrations, as the user who owns the data folder. A key that
    still works is kept, and only the address is brought up to date; else a service account of the demo shop,
    or of the organisation that was made first, gets a new key.
    """
    path = local_credentials_path(locations.var_folder())
    present = _usable(path)
    if present is not None:
        if present.base_url != base_url:
            write_credentials(path, Credentials(base_url=base_url, api_key=present.api_key))
        return path
    organisation_id = _organisation_of_local_programs()
    if organisation_id is None:
        return None
    issued = create_api_key(
        principal=system_principal(organisation_id),
        organisation_id=organisation_id,
        name=_("Programs on this machine"),
        # Marks are brought in by keys that somebody makes for it.
        scopes=[scope for scope in Scope.values if scope not in (Scope.MARKS, Scope.CLINICAL)],
        service_account_id=_local_account(organisation_id),
    )
    return write_credentials(path, Credentials(base_url=base_url, api_key=issued.secret))


def _usable(path: Path) -> Credentials | None:
    """Return what the file holds if its key is still accepted."""
    try:
        credentials = read_credentials(path)
        if credentials is not None:
            authenticate_key(credentials.api_key)
    except (ConfigurationError, KeyRefusedError):
        return None
    return credentials


def _organisation_of_local_programs() -> UUID | None:
    chosen = organisation_id_by_slug(_FIRST_CHOICE)
    if chosen is not None:
        return chosen
    made: dict[UUID, datetime] = {}
    for identifier in organisation_ids():
        with acting_in(identifier):
            made[identifier] = Organisation.objects.get(pk=identifier).created_at
    return min(made, key=lambda identifier: made[identifier], default=None)


def _local_account(organisation_id: UUID) -> UUID:
    with acting_in(organisation_id):
        account = (
            ServiceAccount.objects.for_organisation(organisation_id)
            .filter(name=LOCAL_ACCOUNT, deactivated_at__isnull=True)
            .first()
        )
    if account is None:
        account = add_service_account(
            principal=system_principal(organisation_id), organisation_id=organisation_id, name=LOCAL_ACCOUNT
        )
    return account.pk
