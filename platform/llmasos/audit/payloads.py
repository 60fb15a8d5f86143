"""What must be kept beside an entry and may not stand in it: sealed under its subject's own key.

The entry commits to the ciphertext, not to the text: after the subject's key is destroyed every proof still holds and
nobody, not even with a backup, can try out what the text was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

from django.db import connection
from django.utils import timezone

from llmasos.audit import canonical
from llmasos.audit.errors import UnrecordableError
from llmasos.audit.models import Entry, Payload
from llmasos.audit.types import Ref
from llmasos.vault import sealing
from llmasos.vault import services as vault

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

# The name in an entry's digests that is kept for the payload.
DIGEST = "payload"


def seal(*, entry_id: UUID, organisation_id: UUID, subject: Ref, payload: Mapping[str, Json]) -> bytes:
    """Return ``payload`` as JSON, sealed for one entry under its subject's key.

    Raises:
        UnrecordableError: the entry has no subject, or the payload is no JSON.
        KeyDestroyedError: the subject was erased.
    """
    subject_id = _named(subject.id)
    try:
        plain = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError):
        raise UnrecordableError("A payload is a JSON object.") from None
    key = vault.data_key(organisation_id=organisation_id, subject_kind=subject.kind, subject_id=subject_id)
    return sealing.encrypt(plain, cipher=key.cipher(), key_id=key.id.bytes, context=_context(entry_id))


def digest(ciphertext: bytes) -> str:
    """Return what an entry's digests say of its payload."""
    return sha256(ciphertext).hexdigest()


def keep(entry: Entry, ciphertext: bytes) -> None:
    """Store the payload of ``entry``, which has been inserted."""
    Payload.objects.create(
        entry=entry,
        organisation_id=entry.organisation_id,
        subject_kind=entry.subject_kind,
        subject_id=_named(entry.subject_id),
        recorded_at=entry.recorded_at,
        ciphertext=ciphertext,
    )


def opened(entry: Entry) -> dict[str, object] | None:
    """Return the payload of ``entry``; None where it has none, or it was removed. Inside ``acting_in``.

    Raises:
        KeyDestroyedError: the subject was erased.
        DecryptionError: the payload was altered.
    """
    row = Payload.objects.filter(entry=entry).first()
    if row is None:
        return None
    blob = bytes(row.ciphertext)
    key = vault.data_key_by_id(UUID(bytes=sealing.read_key_id(blob)))
    plain = json.loads(sealing.decrypt(blob, cipher=key.cipher(), context=_context(row.entry_id)))
    return dict(plain)


def remove(*, organisation_id: UUID, subject: Ref | None, before: datetime | None) -> tuple[int, dict[str, str | int]]:
    """Remove payloads of a subject, or of everybody, recorded before a time.

    Returns how many went, and the digests that the entry about it must carry: verification takes a payload for
    removed only where such an entry says so.
    """
    until = before or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_remove_payloads(%s, %s, %s, %s)",
            [organisation_id, subject.kind if subject else "", subject.id if subject else None, until],
        )
        row = cursor.fetchone()
    removed = int(row[0]) if row else 0
    return removed, {"before": canonical.written_time(until), "count": removed}


def _named(subject_id: UUID | None) -> UUID:
    if subject_id is None:
        raise UnrecordableError("A payload is sealed under its subject's key: name the subject.")
    return subject_id


def _context(entry_id: UUID) -> str:
    return f"audit_payload\0ciphertext\0{entry_id}"
