"""The one written form of an entry, its digest, and the hashes of its place in the log.

    digest = SHA-256(canonical form, RFC 8785)
    leaf   = SHA-256(0x00 | digest)                                   the leaf of an RFC 9162 Merkle tree
    chain  = SHA-256(0x02 | previous chain | leaf | time of sequencing, microseconds, 8 bytes)

The first entry of an organisation follows ``genesis(organisation)``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

import orjson
import rfc8785

from llmasos.audit.errors import UnrecordableError

VERSION = 1
LEAF_PREFIX = b"\x00"
CHAIN_PREFIX = b"\x02"

DigestValue: TypeAlias = "str | int | bool | Sequence[DigestValue] | Mapping[str, DigestValue] | None"
Document: TypeAlias = dict[str, "str | int | Mapping[str, DigestValue] | dict[str, str]"]

# Codes, ids and hexadecimal digests fit; sentences, names and e-mail addresses do not.
_TOKEN = re.compile(r"[A-Za-z0-9._:/+=-]{0,128}")
_LARGEST_INTEGER = 2**53 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def quick(value: DigestValue | Document) -> bytes:
    """Return the JSON of a value, in its RFC 8785 form for what the log takes (ASCII keys, no fractions).

    Raises:
        TypeError: it holds what has no such form.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def check_token(value: str, *, name: str) -> str:
    """Return ``value`` when it is a code, an id or a digest.

    Raises:
        UnrecordableError: it could be free text.
    """
    if not _TOKEN.fullmatch(value):
        raise UnrecordableError(f"{name} takes codes, ids and digests of 128 characters at most, no free text.")
    return value


def check_digests(value: DigestValue, *, name: str = "digests") -> None:
    """Accept nested tokens, whole numbers and booleans.

    Raises:
        UnrecordableError: anything else. A fraction has no written form that every reader shares: record
            it in whole thousandths.
    """
    if isinstance(value, str):
        check_token(value, name=name)
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            raise UnrecordableError(f"{name} holds a number above 2^53.")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise UnrecordableError(f"{name} has a key that is no text.")
            check_token(key, name=name)
            check_digests(item, name=f"{name}.{key}")
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        for item in value:
            check_digests(item, name=name)
    else:
        kind = type(value).__name__
        raise UnrecordableError(f"{name} holds a {kind}: give whole numbers, codes or hexadecimal digests.")


def document(
    *,
    id: str,  # noqa: A002 - the names of the written form
    organisation: str,
    actor_kind: str,
    actor_id: str,
    actor_role: str,
    action: str,
    subject_kind: str,
    subject_id: str,
    object_kind: str,
    object_id: str,
    purpose: str,
    outcome: str,
    recorded_at: str,
    request_id: str,
    digests: Mapping[str, DigestValue],
) -> Document:
    """Return an entry as the JSON object that is digested; ids that are missing are empty strings."""
    return {
        "action": action,
        "actor": {"id": actor_id, "kind": actor_kind, "role": actor_role},
        "digests": digests,
        "id": id,
        "object": {"id": object_id, "kind": object_kind},
        "organisation": organisation,
        "outcome": outcome,
        "purpose": purpose,
        "recorded_at": recorded_at,
        "request_id": request_id,
        "subject": {"id": subject_id, "kind": subject_kind},
        "v": VERSION,
    }


def entry_digest(entry: Document) -> bytes:
    """Return the SHA-256 of the entry's RFC 8785 form."""
    return sha256(rfc8785.dumps(entry)).digest()


def quick_entry_digest(entry: Document) -> bytes:
    """Return the same digest many times faster.

    For what the log takes orjson writes the same bytes; where the two could differ, verification asks
    :func:`entry_digest` before it reports a change.

    Raises:
        TypeError: the entry holds what has no such form.
    """
    return sha256(quick(entry)).digest()


def leaf_hash(digest: bytes) -> bytes:
    return sha256(LEAF_PREFIX + digest).digest()


def chain_hash(*, previous: bytes, leaf: bytes, sequenced_at: int) -> bytes:
    """Return the chain's next hash; ``sequenced_at`` in microseconds since 1970."""
    return sha256(CHAIN_PREFIX + previous + leaf + sequenced_at.to_bytes(8, "big", signed=True)).digest()


def genesis(organisation_id: UUID) -> bytes:
    """Return what stands before the first entry of an organisation."""
    return sha256(b"llmasos.audit.chain.v1\0" + organisation_id.bytes).digest()


def written_time(moment: datetime) -> str:
    """Return a time as it is digested: UTC with six decimals."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
