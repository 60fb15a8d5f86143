"""A copy of the key-encryption keys in one file, closed by a passphrase, for the operator to keep apart.

One JSON object: the parameters of scrypt, and the keys under AES-256-GCM with those parameters bound in.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping

from llmasos.vault import passphrases
from llmasos.vault.errors import DecryptionError

_FORMAT = "llmasos key-encryption keys 1"


def write_copy(keys: Mapping[str, bytes], *, current: str, passphrase: str) -> bytes:
    """Return the file's content."""
    salt = secrets.token_bytes(passphrases.SALT_BYTES)
    header = {"format": _FORMAT, "kdf": passphrases.KDF, "salt": base64.b64encode(salt).decode()}
    content = {"current": current, "keys": {name: base64.b64encode(key).decode() for name, key in keys.items()}}
    nonce = secrets.token_bytes(12)
    sealed = passphrases.cipher(passphrase, salt).encrypt(nonce, json.dumps(content).encode(), _bound(header))
    return json.dumps(header | {"sealed": base64.b64encode(nonce + sealed).decode()}, indent=1).encode() + b"\n"


def read_copy(content: bytes, *, passphrase: str) -> tuple[dict[str, bytes], str]:
    """Return the keys by name, and the one that was current.

    Raises:
        DecryptionError: the passphrase is another one, or the file was altered or is something else.
    """
    try:
        header = json.loads(content)
        sealed = base64.b64decode(header.pop("sealed"), validate=True)
        salt = base64.b64decode(header["salt"], validate=True)
        known = (header["format"], header["kdf"]) == (_FORMAT, passphrases.KDF)
    except (ValueError, KeyError, TypeError, AttributeError):
        known = False
    if not known:
        raise DecryptionError("This is no copy of key-encryption keys.")
    opened = json.loads(passphrases.opened(passphrases.cipher(passphrase, salt), sealed, _bound(header)))
    return {name: base64.b64decode(key) for name, key in opened["keys"].items()}, str(opened["current"])


def _bound(header: Mapping[str, object]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()
