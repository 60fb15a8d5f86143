"""Making, opening and destroying subjects' data keys."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils import timezone

from llmasos.vault import keys, sealing
from llmasos.vault.errors import KeyDestroyedError, UnknownKeyError
from llmasos.vault.models import SubjectKey

_USE = "wrap"


@dataclass(frozen=True, slots=True)
class DataKey:
    """A subject's key, opened."""

    id: UUID
    secret: bytes = field(repr=False)

    def cipher(self) -> AESGCM:
        return AESGCM(self.secret)


def data_key(*, organisation_id: UUID, subject_kind: str, subject_id: UUID) -> DataKey:
    """Return the subject's data key, made on first use.

    Raises:
        KeyDestroyedError: the subject was erased.
    """
    key = SubjectKey.objects.filter(
        organisation_id=organisation_id, subject_kind=subject_kind, subject_id=subject_id
    ).first()
    if key is None:
        key = _add_key(organisation_id=organisation_id, subject_kind=subject_kind, subject_id=subject_id)
    return _opened(key)


def data_key_by_id(key_id: UUID) -> DataKey:
    """Return the data key that a sealed value names.

    Raises:
        KeyDestroyedError: the subject was erased.
        UnknownKeyError: there is no such key in the organisation acted in.
    """
    key = SubjectKey.objects.filter(pk=key_id).first()
    if key is None:
        raise UnknownKeyError("The subject's key does not exist in this organisation.")
    return _opened(key)


def destroy_key(*, organisation_id: UUID, subject_kind: str, subject_id: UUID) -> bool:
    """Destroy the subject's key for good. False when there was none, or it was destroyed before."""
    destroyed = SubjectKey.objects.filter(
        organisation_id=organisation_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        destroyed_at__isnull=True,
    ).update(wrapped_key=None, destroyed_at=timezone.now())
    return destroyed > 0


def _add_key(*, organisation_id: UUID, subject_kind: str, subject_id: UUID) -> SubjectKey:
    key = SubjectKey(
        id=uuid4(),
        organisation_id=organisation_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        key_id=keys.current_key_id(),
    )
    secret = secrets.token_bytes(keys.KEY_BYTES)
    key.wrapped_key = sealing.seal(secret, context=_context(key), use=_USE, key_id=key.key_id)
    # Two transactions may make the first key at once: the constraint lets one win and the other reads it.
    SubjectKey.objects.bulk_create([key], ignore_conflicts=True)
    return SubjectKey.objects.get(organisation_id=organisation_id, subject_kind=subject_kind, subject_id=subject_id)


def _opened(key: SubjectKey) -> DataKey:
    if key.wrapped_key is None:
        raise KeyDestroyedError("The subject's data was erased: its key is destroyed.")
    return DataKey(id=key.pk, secret=sealing.unseal(bytes(key.wrapped_key), context=_context(key), use=_USE))


def _context(key: SubjectKey) -> str:
    return f"{key.organisation_id}/{key.subject_kind}/{key.subject_id}/{key.pk}"
