"""Keys from passphrases, for what leaves the machine: copies of keys, and backups."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from llmasos.vault.errors import DecryptionError

SALT_BYTES = 16
# 128 MiB and about half a second for each guess (RFC 7914 names the parameters; OWASP's advice is this cost).
_COST, _BLOCK, _PARALLEL = 2**17, 8, 1
KDF = f"scrypt n={_COST} r={_BLOCK} p={_PARALLEL}"
SHORTEST = 12


def cipher(passphrase: str, salt: bytes) -> AESGCM:
    """Return AES-256-GCM under the key that the passphrase and the salt give."""
    return AESGCM(Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=_PARALLEL).derive(passphrase.encode()))


def opened(cipher: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    """Return what a nonce of 12 bytes and ciphertext hold. Raises ``DecryptionError`` when the passphrase is wrong."""
    try:
        return cipher.decrypt(sealed[:12], sealed[12:], associated)
    except (InvalidTag, ValueError):
        raise DecryptionError("The passphrase is another one, or the file was altered.") from None
