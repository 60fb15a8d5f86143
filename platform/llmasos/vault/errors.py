"""What can go wrong with sealed data. None of these is ever answered with the ciphertext itself."""

from __future__ import annotations


class VaultError(Exception):
    """Base of the vault's errors."""


class UnknownKeyError(VaultError):
    """Data names a key that this process was not given: add the retired key to the key settings."""


class DecryptionError(VaultError):
    """Data was altered, moved to another place, or sealed under another key."""


class KeyDestroyedError(VaultError):
    """The subject's key was destroyed, so the data can never be read again."""


class UnsealableError(VaultError):
    """A value was to be written or compared without the row that it belongs to."""


class KeySourceError(VaultError):
    """Keys cannot be added, removed or read where they are kept. The message is one sentence for the operator."""


class KeyServiceError(VaultError):
    """The key service refuses or does not answer, so nothing can be opened now."""
