"""Programs that read over FHIR: registered by administrators, and given tokens for signed assertions."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from clinical_assist.fhir.assertions import RefusedAssertionError, issuer_of, verify
from clinical_assist.fhir.server.scopes import granted
from clinical_assist.models import FhirClient, FhirToken
from clinical_assist.record.access import SCOPE
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref

LIFETIME_SECONDS: Final = 300


class RefusedScopeError(Exception):
    """None of the scopes asked for is one that the client has."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A client with the scopes of its token. ``principal`` is as whom it reads: all patients of the organisation."""

    client: FhirClient
    scopes: tuple[str, ...]

    @property
    def principal(self) -> Principal:
        return Principal(self.client.organisation_id, "service", self.client.pk, scopes=frozenset({SCOPE}))

    @property
    def actor(self) -> Actor:
        return actor_of(self.client)


def clients(principal: Principal) -> QuerySet[FhirClient]:
    """Return the organisation's clients. Raises PermissionDenied for all but administrators."""
    if principal.kind != "system" and not principal.has_role("administrator"):
        raise PermissionDenied("programs are registered by administrators")
    return active_clients(principal.organisation_id)


def active_clients(organisation_id: UUID) -> QuerySet[FhirClient]:
    """Return the clients that were not taken out. Inside ``acting_in``."""
    return FhirClient.objects.for_organisation(organisation_id).filter(revoked_at=None)


def add_client(principal: Principal, values: Mapping[str, Any]) -> FhirClient:
    """Register a client: ``name``, ``key_set`` or ``key_set_url``, and ``scopes``. Raises PermissionDenied."""
    with acting_in(principal.organisation_id):
        clients(principal)
        made = FhirClient.objects.create(
            organisation_id=principal.organisation_id,
            created_by_id=principal.id if principal.kind == "person" else None,
            **values,
        )
        _record(principal.organisation_id, principal.actor, made, "clinical.fhir_client_added")
        return made


def remove_client(principal: Principal, client_id: UUID) -> None:
    """Take a client out at once, with its tokens. Raises FhirClient.DoesNotExist or PermissionDenied."""
    with acting_in(principal.organisation_id):
        found = clients(principal).get(pk=client_id)
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        found.tokens.all().delete()
        _record(principal.organisation_id, principal.actor, found, "clinical.fhir_client_removed")


def issue_token(
    organisation_id: UUID, assertion: str, *, audiences: Sequence[str], asked: str
) -> tuple[str, tuple[str, ...]]:
    """Return a new access token and its scopes for a client's assertion.

    Outside of ``acting_in``: keys may have to be asked for.

    Raises:
        RefusedAssertionError: the client is not registered, or the assertion is not as it must be.
        RefusedScopeError: nothing of what is asked for is granted.
    """
    claimed = issuer_of(assertion)
    try:
        with acting_in(organisation_id):
            found = active_clients(organisation_id).get(pk=UUID(claimed))
    except (ValueError, FhirClient.DoesNotExist):
        raise RefusedAssertionError("unregistered") from None
    claims = verify(
        assertion,
        found,
        issuer=claimed,
        audiences=audiences,
        kind="client",
        organisation_id=organisation_id,
    )
    if claims.get("sub") != claimed:
        raise RefusedAssertionError("subject")
    scopes = granted(asked, found.scopes)
    if not scopes:
        raise RefusedScopeError
    now, secret = timezone.now(), secrets.token_urlsafe(32)
    with acting_in(organisation_id):
        found.tokens.filter(expires_at__lt=now).delete()
        FhirToken.objects.create(
            organisation_id=organisation_id,
            client=found,
            digest=_digest(secret),
            scopes=list(scopes),
            expires_at=now + timedelta(seconds=LIFETIME_SECONDS),
        )
        _record(organisation_id, actor_of(found), found, "clinical.fhir_token_issued")
    return secret, scopes


def reader_of(organisation_id: UUID, authorisation: str) -> Reader | None:
    """Return who holds a token; None where it is unknown, has lapsed, or its client was taken out."""
    scheme, _space, secret = authorisation.partition(" ")
    if scheme.casefold() != "bearer" or not secret.strip():
        return None
    tokens = FhirToken.objects.for_organisation(organisation_id).filter(
        digest=_digest(secret.strip()), expires_at__gt=timezone.now(), client__revoked_at=None
    )
    found = tokens.select_related("client").first()
    return None if found is None else Reader(found.client, tuple(found.scopes))


def actor_of(client: FhirClient) -> Actor:
    """Return a client as the log names it."""
    return Actor("fhir_client", client.pk)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _record(organisation_id: UUID, actor: Actor, client: FhirClient, action: str) -> None:
    record(organisation_id=organisation_id, actor=actor, action=action, object=Ref("fhir_client", client.pk))
