"""API keys: 256 random bits, shown once, kept as a SHA-256 digest and found by their prefix."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.errors import AlreadyThereError, KeyRefusedError, NotFoundError
from llmasos.accounts.models import ApiKey, Scope, ServiceAccount
from llmasos.accounts.principals import Principal
from llmasos.accounts.services.permission import require_administrator
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor, Ref

PREFIX = "llmasos_"
_PREFIX_LENGTH = len(PREFIX) + 8
# The use of a key is written down at most once in this time; what it is used for is recorded each time.
_USE_INTERVAL = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key with its secret, which is nowhere kept."""

    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Found:
    id: UUID
    organisation_id: UUID
    secret_digest: bytes
    scopes: list[str]
    service_account_id: UUID | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


def create_api_key(
    *,
    principal: Principal,
    organisation_id: UUID,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    service_account_id: UUID | None = None,
) -> IssuedKey:
    """Make a key and return it with its secret, for the only time.

    Raises:
        NotAllowedError: the principal is no administrator.
        ValidationError: a scope is unknown.
        NotFoundError: the service account does not exist here or is deactivated.
    """
    require_administrator(principal, organisation_id)
    with acting_in(organisation_id):
        if service_account_id is not None and not (
            ServiceAccount.objects.for_organisation(organisation_id)
            .filter(pk=service_account_id, deactivated_at__isnull=True)
            .exists()
        ):
            raise NotFoundError(_("There is no such service account."))
        prefix = PREFIX + secrets.token_hex(4)
        secret = f"{prefix}_{secrets.token_urlsafe(32)}"
        key = ApiKey(
            organisation_id=organisation_id,
            name=name,
            prefix=prefix,
            secret_digest=_digest(secret),
            scopes=[str(Scope(scope)) for scope in sorted(set(scopes))],
            service_account_id=service_account_id,
            created_by_id=principal.id if principal.kind == "person" else None,
            expires_at=expires_at,
        )
        key.clean_fields(exclude=["service_account", "created_by", "revoked_at", "last_used_at"])
        key.save(force_insert=True)
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="accounts.key_created",
            object=Ref("key", key.pk),
            digests={"scopes": key.scopes},
        )
    return IssuedKey(key, secret)


def revoke_api_key(*, principal: Principal, organisation_id: UUID, key_id: UUID) -> None:
    """Make the key useless from now on; ``restore_api_key`` takes it back for a short while.

    Revoking it again changes nothing.

    Raises:
        NotAllowedError: the principal is no administrator.
        NotFoundError: there is no such key here.
    """
    require_administrator(principal, organisation_id)
    with acting_in(organisation_id):
        key = ApiKey.objects.for_organisation(organisation_id).select_for_update().filter(pk=key_id).first()
        if key is None:
            raise NotFoundError(_("There is no such key."))
        if key.revoked_at is not None:
            return
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="accounts.key_revoked",
            object=Ref("key", key.pk),
        )


def restore_api_key(*, principal: Principal, organisation_id: UUID, key_id: UUID) -> None:
    """Take a revocation back that was a mistake, within ``ApiKey.UNDO``.

    Raises:
        NotAllowedError: the principal is no administrator.
        NotFoundError: there is no such key here, or it was not revoked just now.
    """
    require_administrator(principal, organisation_id)
    with acting_in(organisation_id):
        key = ApiKey.objects.for_organisation(organisation_id).select_for_update().filter(pk=key_id).first()
        if key is None or not key.can_be_restored:
            raise NotFoundError(_("This key was not revoked in the last minutes: make a new one."))
        key.revoked_at = None
        key.save(update_fields=["revoked_at"])
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="accounts.key_restored",
            object=Ref("key", key.pk),
        )


def authenticate_key(secret: str) -> Principal:
    """Return who the secret stands for: the key itself, or the service account that it belongs to.

    Called outside ``acting_in``. A refusal is recorded for the organisation whose key it was.

    Raises:
        KeyRefusedError: unknown, altered, revoked or expired.
    """
    found = _look_up(secret[:_PREFIX_LENGTH]) if secret.startswith(PREFIX) else None
    if found is None or not hmac.compare_digest(found.secret_digest, _digest(secret)):
        if found is not None:
            record(organisation_id=PLATFORM, actor=Actor("visitor"), action="accounts.key_refused", outcome="denied")
        raise KeyRefusedError(_("This API key is not valid."))
    now = timezone.now()
    is_expired = found.expires_at is not None and found.expires_at <= now
    if found.revoked_at is not None or is_expired:
        with acting_in(found.organisation_id):
            record(
                organisation_id=found.organisation_id,
                actor=Actor("key", found.id),
                action="accounts.key_refused",
                object=Ref("key", found.id),
                outcome="denied",
                digests={"reason": "revoked" if found.revoked_at else "expired"},
            )
        raise KeyRefusedError(_("This API key is not valid."))
    principal = Principal(
        organisation_id=found.organisation_id,
        kind="service" if found.service_account_id else "key",
        id=found.service_account_id or found.id,
        scopes=frozenset(found.scopes),
    )
    if found.last_used_at is None or found.last_used_at <= now - _USE_INTERVAL:
        _note_use(found, principal, now)
    return principal


def add_service_account(*, principal: Principal, organisation_id: UUID, name: str) -> ServiceAccount:
    """Add a program that acts here through its keys.

    Raises:
        NotAllowedError: the principal is no administrator.
        AlreadyThereError: the name is taken.
    """
    require_administrator(principal, organisation_id)
    account = ServiceAccount(organisation_id=organisation_id, name=name)
    try:
        with acting_in(organisation_id):
            account.clean_fields(exclude=["deactivated_at"])
            account.save(force_insert=True)
            record(
                organisation_id=organisation_id,
                actor=principal.actor,
                action="accounts.service_account_added",
                object=Ref("service", account.pk),
            )
    except IntegrityError:
        raise AlreadyThereError(_("A service account has this name already.")) from None
    return account


def deactivate_service_account(*, principal: Principal, organisation_id: UUID, account_id: UUID) -> None:
    """Refuse all keys of a service account from now on.

    Raises:
        NotAllowedError: the principal is no administrator.
        NotFoundError: there is no such account here.
    """
    require_administrator(principal, organisation_id)
    with acting_in(organisation_id):
        account = (
            ServiceAccount.objects.for_organisation(organisation_id).select_for_update().filter(pk=account_id).first()
        )
        if account is None:
            raise NotFoundError(_("There is no such service account."))
        if account.deactivated_at is not None:
            return
        account.deactivated_at = timezone.now()
        account.save(update_fields=["deactivated_at"])
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="accounts.service_account_deactivated",
            object=Ref("service", account.pk),
        )


def _note_use(found: _Found, principal: Principal, now: datetime) -> None:
    with acting_in(found.organisation_id):
        # Of several requests at once, one writes it down.
        is_first = (
            ApiKey.objects.for_organisation(found.organisation_id)
            .filter(Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - _USE_INTERVAL), pk=found.id)
            .update(last_used_at=now)
        )
        if is_first:
            record(
                organisation_id=found.organisation_id,
                actor=principal.actor,
                action="accounts.key_used",
                object=Ref("key", found.id),
            )


def _look_up(prefix: str) -> _Found | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, organisation_id, secret_digest, scopes, service_account_id, expires_at, revoked_at,"
            " last_used_at FROM llmasos_api_key(%s)",
            [prefix],
        )
        row = cursor.fetchone()
    return None if row is None else _Found(row[0], row[1], bytes(row[2]), *row[3:])


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogateescape")).digest()
