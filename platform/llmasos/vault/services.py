"""Making, opening and destroying subjects' data keys."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.utils import timezone

from llmasos.vault import keys, sealing, wiping
from llmasos.vault.errors import KeyDestroyedError, UnknownKeyError
from llmasos.vault.models import SubjectKey

_USE = "wrap"
KEPT_SECONDS = 30.0
KEPT_KEYS = 1_024
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class DataKey:
    """A subject's key, opened."""

    id: UUID
    secret: bytes = field(repr=False)

    def cipher(self) -> AESGCM:
        return AESGCM(self.secret)


class _KeptKeys:
    """Opened keys by organisation and id, a bounded number for a short time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: OrderedDict[tuple[UUID, UUID], tuple[float, DataKey]] = OrderedDict()

    def get(self, organisation_id: UUID, key_id: UUID) -> DataKey | None:
        with self._lock:
            expires, key = self._keys.get((organisation_id, key_id), (0.0, None))
            return key if time.monotonic() < expires else None

    def put(self, organisation_id: UUID, key: DataKey) -> None:
        with self._lock:
            self._keys.pop((organisation_id, key.id), None)
            self._keys[organisation_id, key.id] = (time.monotonic() + KEPT_SECONDS, key)
            while len(self._keys) > KEPT_KEYS:
                self._keys.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._keys.clear()


_kept = _KeptKeys()
_at_hand: ContextVar[Mapping[tuple[UUID, str, UUID], DataKey] | None] = ContextVar("keys_at_hand", default=None)


def data_key(*, organisation_id: UUID, subject_kind: str, subject_id: UUID) -> DataKey:
    """Return the subject's data key, made on first use.

    Raises:
        KeyDestroyedError: the subject was erased.
    """
    if (held := (_at_hand.get() or {}).get((organisation_id, subject_kind, subject_id))) is not None:
        return held
    key = SubjectKey.objects.filter(
        organisation_id=organisation_id, subject_kind=subject_kind, subject_id=subject_id
    ).first()
    if key is None:
        key = _add_key(organisation_id=organisation_id, subject_kind=subject_kind, subject_id=subject_id)
    return _opened(key)


def data_key_by_id(key_id: UUID, *, organisation_id: UUID | None = None) -> DataKey:
    """Return the data key that a sealed value names.

    With the organisation of the row that was read, an opened key is kept for :data:`KEPT_SECONDS`, so that a list of
    people does not ask the database once a field. Sealing never uses a kept key.

    Raises:
        KeyDestroyedError: the subject was erased.
        UnknownKeyError: there is no such key in the organisation acted in.
    """
    if organisation_id is not None and (kept := _kept.get(organisation_id, key_id)) is not None:
        return kept
    key = SubjectKey.objects.filter(pk=key_id).first()
    if key is None or organisation_id not in {None, key.organisation_id}:
        raise UnknownKeyError("The subject's key does not exist in this organisation.")
    opened = _opened(key)
    if organisation_id is not None:
        _kept.put(organisation_id, opened)
    return opened


def keep_keys(*, organisation_id: UUID, subject_kind: str, subject_ids: Iterable[UUID]) -> None:
    """Open the keys of many subjects with one query, before their rows are read one by one; at most ``KEPT_KEYS``.

    Subjects without a key, or whose key is destroyed, are left to whoever opens their values.
    """
    found = SubjectKey.objects.filter(
        organisation_id=organisation_id, subject_kind=subject_kind, subject_id__in=list(subject_ids)[:KEPT_KEYS]
    )
    for key in found.exclude(wrapped_key=None):
        if _kept.get(organisation_id, key.pk) is None:
            _kept.put(organisation_id, _opened(key))


def with_keys(
    rows: Sequence[Row], *, organisation_id: UUID, subject_kind: str, subject_of: Callable[[Row], UUID]
) -> Iterator[Row]:
    """Yield rows, those of a subject together, each while its subject's key is kept: a few queries for thousands.

    Whoever wants another order reads their sealed fields here; a row keeps what was opened.
    """
    ordered = sorted(rows, key=subject_of)
    for start in range(0, len(ordered), KEPT_KEYS):
        part = ordered[start : start + KEPT_KEYS]
        subjects = {subject_of(one) for one in part}
        keep_keys(organisation_id=organisation_id, subject_kind=subject_kind, subject_ids=subjects)
        yield from part


@contextmanager
def keys_at_hand(*, organisation_id: UUID, subjects: Collection[tuple[str, UUID]]) -> Iterator[None]:
    """Seal for many subjects (kind and id) in the block with keys that are made and read in a few statements.

    Inside a transaction: their rows stay locked, so that none is destroyed before what is sealed under it is written.

    Raises:
        KeyDestroyedError: one of the subjects was erased.
    """
    opened = _locked_keys(organisation_id, subjects)
    missing = sorted({subject for subject in subjects if (organisation_id, *subject) not in opened})
    if missing:
        new = [_new_key(organisation_id=organisation_id, subject_kind=kind, subject_id=one) for kind, one in missing]
        SubjectKey.objects.bulk_create(new, ignore_conflicts=True)
        opened |= _locked_keys(organisation_id, missing)
    token = _at_hand.set({**(_at_hand.get() or {}), **opened})
    try:
        yield
    finally:
        _at_hand.reset(token)


def destroy_key(*, organisation_id: UUID, subject_kind: str, subject_id: UUID) -> bool:
    """Destroy the subject's key for good, and what finds the subject. False when there was none any more.

    Other processes may open what they already read for :data:`KEPT_SECONDS`.
    """
    destroyed = SubjectKey.objects.filter(
        organisation_id=organisation_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        destroyed_at__isnull=True,
    ).update(wrapped_key=None, destroyed_at=timezone.now())
    wiping.clear_indexes(organisation_id=organisation_id, subject_kind=subject_kind, subject_id=subject_id)
    _kept.clear()
    # Once more when others see it: until then another thread may have opened the key again.
    transaction.on_commit(_kept.clear)
    return destroyed > 0


def rewrap(key: SubjectKey, *, to: str) -> None:
    """Wrap the key anew under the key-encryption key ``to``; the caller saves it."""
    key.wrapped_key = sealing.seal(_opened(key).secret, context=_context(key), use=_USE, key_id=to)
    key.key_id = to


def _add_key(*, organisation_id: UUID, subject_kind: str, subject_id: UUID) -> SubjectKey:
    key = _new_key(organisation_id=organisation_id, subject_kind=subject_kind, subject_id=subject_id)
    # Two transactions may make the first key at once: the constraint lets one win and the other reads it.
    SubjectKey.objects.bulk_create([key], ignore_conflicts=True)
    return SubjectKey.objects.get(organisation_id=organisation_id, subject_kind=subject_kind, subject_id=subject_id)


def _locked_keys(
    organisation_id: UUID, subjects: Collection[tuple[str, UUID]]
) -> dict[tuple[UUID, str, UUID], DataKey]:
    rows = SubjectKey.objects.select_for_update(no_key=True).filter(
        organisation_id=organisation_id,
        subject_kind__in={kind for kind, _id in subjects},
        subject_id__in=[one for _kind, one in subjects],
    )
    return {(organisation_id, row.subject_kind, row.subject_id): _opened(row) for row in rows.order_by("pk")}


def _new_key(*, organisation_id: UUID, subject_kind: str, subject_id: UUID) -> SubjectKey:
    key = SubjectKey(
        id=uuid4(),
        organisation_id=organisation_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        key_id=keys.current_key_id(),
    )
    secret = secrets.token_bytes(keys.KEY_BYTES)
    key.wrapped_key = sealing.seal(secret, context=_context(key), use=_USE, key_id=key.key_id)
    return key


def _opened(key: SubjectKey) -> DataKey:
    if key.wrapped_key is None:
        raise KeyDestroyedError("The subject's data was erased: its key is destroyed.")
    return DataKey(id=key.pk, secret=sealing.unseal(bytes(key.wrapped_key), context=_context(key), use=_USE))


def _context(key: SubjectKey) -> str:
    return f"{key.organisation_id}/{key.subject_kind}/{key.subject_id}/{key.pk}"
