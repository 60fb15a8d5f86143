"""Sealing: authenticated encryption of bytes, bound to the place where they belong.

A sealed value names its key, so that data stays readable while keys are rotated:

    version 1 | length of the key id | key id | nonce, 12 bytes | AES-256-GCM ciphertext and tag

The context (a run's id, a table, column and row) and the header are associated data: a value moved to
another place does not open there.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from llmasos.vault import keys
from llmasos.vault.errors import DecryptionError

_VERSION = 1
NONCE_BYTES = 12


def seal(plaintext: bytes, *, context: str, use: str = "transit", key_id: str = "") -> bytes:
    """Return ``plaintext`` sealed for ``context`` under the current key-encryption key, or the one that is named.

    ``use`` keeps the keys of different purposes apart; what leaves the database for the queue uses "transit".
    """
    key_id = key_id or keys.current_key_id()
    return encrypt(plaintext, cipher=keys.cipher(key_id, use=use), key_id=key_id.encode(), context=context)


def unseal(blob: bytes, *, context: str, use: str = "transit") -> bytes:
    """Return what :func:`seal` was given.

    Raises:
        DecryptionError: the value was altered or belongs to another context.
        UnknownKeyError: its key is not among this process's keys.
    """
    key_id = read_key_id(blob).decode("ascii", "replace")
    return decrypt(blob, cipher=keys.cipher(key_id, use=use), context=context)


def read_key_id(blob: bytes) -> bytes:
    """Return the id of the key that ``blob`` was sealed under.

    Raises:
        DecryptionError: this is no sealed value.
    """
    return blob[2 : _header_length(blob)]


def encrypt(plaintext: bytes, *, cipher: AESGCM, key_id: bytes, context: str) -> bytes:
    """Seal under a given key; ``key_id`` (255 bytes at most) is written in front."""
    header = bytes([_VERSION, len(key_id)]) + key_id
    nonce = secrets.token_bytes(NONCE_BYTES)
    return header + nonce + cipher.encrypt(nonce, plaintext, _associated(header, context))


def decrypt(blob: bytes, *, cipher: AESGCM, context: str) -> bytes:
    """Open under a given key. Raises ``DecryptionError`` when the tag does not fit."""
    start = _header_length(blob)
    nonce = blob[start : start + NONCE_BYTES]
    try:
        return cipher.decrypt(nonce, blob[start + NONCE_BYTES :], _associated(blob[:start], context))
    except (InvalidTag, ValueError):
        raise DecryptionError("A sealed value was altered, or belongs to another place or key.") from None


def _header_length(blob: bytes) -> int:
    if len(blob) < 2 or blob[0] != _VERSION or len(blob) < 2 + blob[1] + NONCE_BYTES:
        raise DecryptionError("This is no sealed value.")
    return 2 + blob[1]


def _associated(header: bytes, context: str) -> bytes:
    return b"llmasos.vault.v1\0" + header + b"\0" + context.encode()
