"""Key-encryption keys, and the working keys derived from them.

Where they come from: the setting ``KEY_ENCRYPTION_KEYS`` (id to key, from the environment) with
``KEY_ENCRYPTION_KEY_ID``, the one that new data is sealed under; without it the files in
``KEY_ENCRYPTION_FOLDER``, the first of them made on first use. With ``KEY_SERVICE`` what is kept there is not the
key but what a key service (a KMS) wrapped, and the service is asked to open it, once for as long as
``KEY_CACHE_SECONDS``. No key is used for two things: each use derives its own by HKDF.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from llmasos.vault import key_services
from llmasos.vault.errors import KeySourceError, UnknownKeyError
from llmasos.vault.keyfiles import KeyFiles, KeyFolder, checked_id

KEY_BYTES = 32
_LEGACY_ID = "k1"


@dataclass(slots=True)
class _Opened:
    """A key as this process holds it, until ``expires``."""

    secret: bytes = field(repr=False)
    expires: float
    ciphers: dict[str, AESGCM] = field(default_factory=dict, repr=False)


_opened: dict[tuple[str, bytes], _Opened] = {}
_lock = threading.Lock()


def current_key_id() -> str:
    """Return the id of the key-encryption key that new data is sealed under."""
    if settings.KEY_ENCRYPTION_KEYS:
        configured: str = settings.KEY_ENCRYPTION_KEY_ID or next(iter(settings.KEY_ENCRYPTION_KEYS))
        return configured
    return _files().current


def key_ids() -> tuple[str, ...]:
    """Return the ids of the keys that this process was given."""
    return tuple(sorted(_materials()))


def are_files() -> bool:
    """Say whether the keys are files of this machine, which the platform may add to and remove."""
    return not settings.KEY_ENCRYPTION_KEYS


def exist() -> bool:
    """Say whether there is any key yet; the first one is made when it is needed."""
    return bool(settings.KEY_ENCRYPTION_KEYS) or _folder().read() is not None


def current_since() -> datetime | None:
    """Return when the current key became so; None where the environment gives it."""
    return _files().since if are_files() else None


def is_rotating() -> bool:
    """Say whether a rotation was begun and not finished."""
    return are_files() and _files().rotating


def cipher(key_id: str, *, use: str) -> AESGCM:
    """Return AES-256-GCM under the working key for one use, such as ``wrap`` or ``transit``.

    Raises:
        UnknownKeyError: this process was not given the key, or it does not have 32 bytes.
        KeyServiceError: the key service does not open it.
    """
    opened = _open(key_id)
    found = opened.ciphers.get(use)
    if found is None:
        found = opened.ciphers[use] = AESGCM(_derive(opened.secret, use))
    return found


def key_encryption_key(key_id: str) -> bytes:
    """Return a key-encryption key itself, for a copy that the operator keeps. Raises as :func:`cipher`."""
    return _open(key_id).secret


def new_key_id() -> str:
    """Return a name that no key here has: two installations never give one name to two keys."""
    return f"k{len(_materials()) + 1}-{secrets.token_hex(3)}"


def new_material(key_id: str) -> bytes:
    """Return a new random key as it is to be kept: wrapped by the key service where there is one."""
    return _kept(secrets.token_bytes(KEY_BYTES), key_id=key_id)


def add_key(key_id: str, *, key: bytes | None = None) -> None:
    """Add a key to the files of this machine: a new one, or a copy of ``key``.

    Raises:
        KeySourceError: the environment gives the keys, or another key has this name.
    """
    _require_files()
    material = new_material(checked_id(key_id)) if key is None else _kept(key, key_id=checked_id(key_id))
    if not _folder().add(key_id, material) and (key is None or key_encryption_key(key_id) != key):
        raise KeySourceError(f"There is another key named {key_id} already.")


def use_key(key_id: str, *, rotating: bool) -> None:
    """Seal new data under ``key_id`` from now on, in every process of this machine."""
    _require_files()
    cipher(key_id, use="wrap")
    _folder().use(key_id, rotating=rotating)


def remove_key(key_id: str) -> None:
    """Remove a key from the files for good: what is still sealed under it is never read again."""
    _require_files()
    if key_id == current_key_id():
        raise KeySourceError(f"{key_id} is the current key: rotate first.")
    key_encryption_key(key_id)
    _folder().remove(key_id)
    forget()


def forget() -> None:
    """Drop the keys that this process holds open; they are opened again when needed."""
    with _lock:
        _opened.clear()


def _materials() -> Mapping[str, bytes]:
    given: Mapping[str, bytes] = settings.KEY_ENCRYPTION_KEYS
    return given or _files().materials


def _files() -> KeyFiles:
    folder = _folder()
    found = folder.read()
    return found if found is not None else _first_key(folder)


def _first_key(folder: KeyFolder) -> KeyFiles:
    """Make the first key, once, however many processes start together."""
    with folder.locked():
        folder.adopt(Path(settings.KEY_ENCRYPTION_FOLDER).with_name("key_encryption_key"), key_id=_LEGACY_ID)
        present = sorted(file.name.removesuffix(".key") for file in folder.folder.glob("*.key"))
        if folder.read() is None:
            key_id = present[0] if present else f"{_LEGACY_ID}-{secrets.token_hex(3)}"
            if not present:
                folder.add(key_id, new_material(key_id))
            folder.use(key_id, rotating=False)
        found = folder.read()
    if found is None:
        raise KeySourceError(f"The folder {folder.folder} vanished.")
    return found


def _require_files() -> None:
    if not are_files():
        raise KeySourceError(
            "LLMASOS_KEY_ENCRYPTION_KEYS gives the keys: add or remove them there and restart every process."
        )


def _kept(key: bytes, *, key_id: str) -> bytes:
    service = key_services.configured()
    return key if service is None else service.wrap(key, key_id=key_id)


def _open(key_id: str) -> _Opened:
    material = _materials().get(key_id)
    if material is None and are_files():
        # Another process may have added it a moment ago.
        _folder().forget()
        material = _materials().get(key_id)
    if material is None:
        raise UnknownKeyError(f"No key-encryption key is named {key_id!r} here: import it, or add it to the settings.")
    name = (key_id, material)
    found = _opened.get(name)
    if found is not None and time.monotonic() < found.expires:
        return found
    with _lock:
        found = _opened.get(name)
        now = time.monotonic()
        if found is None or now >= found.expires:
            service = key_services.configured()
            secret = material if service is None else service.unwrap(material, key_id=key_id)
            if len(secret) != KEY_BYTES:
                raise UnknownKeyError(f"The key-encryption key {key_id!r} does not have {KEY_BYTES} bytes.")
            for old in [old for old, opened in _opened.items() if opened.expires <= now]:
                del _opened[old]
            found = _opened[name] = _Opened(secret=secret, expires=now + settings.KEY_CACHE_SECONDS)
    return found


@lru_cache(maxsize=1)
def _folder_at(folder: str) -> KeyFolder:
    return KeyFolder(Path(folder))


def _folder() -> KeyFolder:
    # A text, since hashing a path takes longer than looking it up.
    return _folder_at(str(settings.KEY_ENCRYPTION_FOLDER))


def _derive(key: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"llmasos.vault.{use}".encode()).derive(key)
