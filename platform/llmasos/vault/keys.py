"""Key-encryption keys, and the working keys derived from them.

The settings give ``KEY_ENCRYPTION_KEYS`` (id to 32 bytes) and ``KEY_ENCRYPTION_KEY_ID``, the one that new data is
sealed under. No key is used for two things: each use derives its own by HKDF.
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from llmasos.vault.errors import UnknownKeyError

KEY_BYTES = 32


def current_key_id() -> str:
    """Return the id of the key-encryption key that new data is sealed under."""
    key_id: str = settings.KEY_ENCRYPTION_KEY_ID
    return key_id


def key_encryption_key(key_id: str) -> bytes:
    """Return a key-encryption key.

    Raises:
        UnknownKeyError: this process was not given the key, or it does not have 32 bytes.
    """
    keys: dict[str, bytes] = settings.KEY_ENCRYPTION_KEYS
    try:
        key = keys[key_id]
    except KeyError:
        raise UnknownKeyError(f"No key-encryption key is named {key_id!r} in the settings.") from None
    if len(key) != KEY_BYTES:
        raise UnknownKeyError(f"The key-encryption key {key_id!r} has {len(key)} bytes instead of {KEY_BYTES}.")
    return key


def working_key(key_id: str, *, use: str) -> bytes:
    """Return the 32 bytes for one use of a key-encryption key, such as ``wrap`` or ``transit``."""
    return _derived(key_encryption_key(key_id), use)


def cipher(key_id: str, *, use: str) -> AESGCM:
    """Return AES-256-GCM under the working key."""
    return AESGCM(working_key(key_id, use=use))


@lru_cache(maxsize=256)
def _derived(key: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"llmasos.vault.{use}".encode()).derive(key)
