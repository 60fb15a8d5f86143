"""The key that programs on this machine find by themselves, so that `llmasos.Client()` needs no arguments."""

from __future__ import annotations

from uuid import UUID

from llmasos.accounts import queries
from llmasos.accounts.models import ApiKey, Scope
from llmasos.accounts.principals import system_principal
from llmasos.accounts.services import create_api_key
from llmasos.accounts.tenancy import acting_in
from llmasos.client.credentials import Credentials, local_credentials_path, read_credentials, write_credentials
from llmasos.client.errors import ConfigurationError
from llmasos.runtime import locations

_PREFERRED_ORGANISATION = "shop"
_NAME = "Programs on the platform's own machine"


def leave_credentials(*, base_url: str) -> bool:
    """Write server and key where the client of this machine's user looks; says whether there is a key.

    The key lasts: a new one is made only where the file is gone, damaged, or its key no longer valid.
    """
    path = local_credentials_path(locations.var_folder())
    organisation_id = _organisation_id()
    if organisation_id is None:
        return False
    try:
        known = read_credentials(path)
    except ConfigurationError:
        known = None
    if known is not None and _is_usable(known.api_key, organisation_id):
        if known.base_url != base_url:
            write_credentials(path, Credentials(base_url=base_url, api_key=known.api_key))
        return True
    issued = create_api_key(
        principal=system_principal(organisation_id),
        organisation_id=organisation_id,
        name=_NAME,
        scopes=Scope.values,
    )
    write_credentials(path, Credentials(base_url=base_url, api_key=issued.secret))
    return True


def _organisation_id() -> UUID | None:
    preferred = queries.organisation_id_by_slug(_PREFERRED_ORGANISATION)
    return preferred or next(iter(queries.organisation_ids()), None)


def _is_usable(secret: str, organisation_id: UUID) -> bool:
    with acting_in(organisation_id):
        keys = ApiKey.objects.for_organisation(organisation_id).filter(name=_NAME, revoked_at__isnull=True)
        return any(secret.startswith(f"{key.prefix}_") and key.is_usable for key in keys)
