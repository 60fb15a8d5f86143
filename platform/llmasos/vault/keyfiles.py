"""Key-encryption keys as files in one private folder: a file a key, and one that says which is current.

Every process of the machine sees a new key at once, so that keys are rotated while the system runs. Several
machines take their keys from the environment instead, where whoever deploys them can put the same everywhere.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from llmasos.vault.errors import KeySourceError

_SUFFIX = ".key"
_CURRENT = "current.json"
# Two changes within one tick of the file system's clock look like one; whoever read between them reads again soon.
_LONGEST_STALE_SECONDS = 5.0
# Each token of each stream is sealed and opened: looking at the folder each time took as long as the cipher.
_UNSEEN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """What the folder holds. ``materials`` are the keys themselves, or as the key service wrapped them."""

    current: str
    since: datetime
    rotating: bool
    """Data is still being moved to the current key."""
    materials: Mapping[str, bytes]


class KeyFolder:
    """The folder, read again whenever it changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp: int | None = None
        self._read_at = self._seen_at = 0.0
        self._found: KeyFiles | None = None

    def read(self) -> KeyFiles | None:
        """Return what the folder holds; None before the first key. Others' changes are seen within a tenth of a second.

        Raises:
            KeySourceError: it cannot be read.
        """
        now = time.monotonic()
        if self._found is not None and now - self._seen_at < _UNSEEN_SECONDS:
            return self._found
        try:
            stamp = self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        self._seen_at = now
        if self._found is None or stamp != self._stamp or now - self._read_at > _LONGEST_STALE_SECONDS:
            self._found = self._load()
            self._stamp, self._read_at = stamp, now
        return self._found

    def forget(self) -> None:
        """Have the folder read anew."""
        self._found = None

    def add(self, key_id: str, material: bytes) -> bool:
        """Write a key for good; False when one of this name is there already.

        Raises:
            KeySourceError: the name cannot be a key's, or the folder cannot be written.
        """
        content = base64.urlsafe_b64encode(material).rstrip(b"=") + b"\n"
        written = self._write(self._file(key_id), content, replace=False)
        self.forget()
        return written

    def use(self, key_id: str, *, rotating: bool) -> None:
        """Make a key the one that new data is sealed under, or note that all data was moved to it."""
        found = self.read()
        since = found.since if found is not None and found.current == key_id else datetime.now(UTC)
        content = {"key": key_id, "since": since.isoformat(), "rotating": rotating}
        self._write(self.folder / _CURRENT, json.dumps(content).encode() + b"\n", replace=True)
        self.forget()

    def remove(self, key_id: str) -> None:
        """Remove a key for good."""
        self._file(key_id).unlink()
        self.forget()

    def adopt(self, file: Path, *, key_id: str) -> None:
        """Move the one key of an earlier release, if there is one, into the folder."""
        if file.exists():
            self._make_folder()
            with contextlib.suppress(FileNotFoundError):
                file.rename(self._file(key_id))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of this machine from changing the folder meanwhile."""
        self._make_folder()
        descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _load(self) -> KeyFiles | None:
        try:
            content = json.loads((self.folder / _CURRENT).read_bytes())
            materials = {file.name.removesuffix(_SUFFIX): _decoded(file) for file in self.folder.glob(f"*{_SUFFIX}")}
            return KeyFiles(
                current=str(content["key"]),
                since=datetime.fromisoformat(content["since"]),
                rotating=bool(content["rotating"]),
                materials=materials,
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeySourceError(
                f"The key-encryption keys in {self.folder} cannot be read ({type(error).__name__}): run as the user "
                "that owns the folder, or bring it back with `manage.py privacy keys import`."
            ) from None

    def _file(self, key_id: str) -> Path:
        return self.folder / f"{checked_id(key_id)}{_SUFFIX}"

    def _make_folder(self) -> None:
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def _write(self, file: Path, content: bytes, *, replace: bool) -> bool:
        """Let the file appear complete or not at all."""
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        try:
            self._make_folder()
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as written:
                written.write(content)
                written.flush()
                os.fsync(written.fileno())
            if replace:
                draft.replace(file)
                return True
            file.hardlink_to(draft)
        except FileExistsError:
            return False
        except OSError as error:
            raise KeySourceError(f"{file} cannot be written ({error.strerror}).") from None
        finally:
            draft.unlink(missing_ok=True)
        return True


def checked_id(key_id: str) -> str:
    """Return a key's name. Raises ``KeySourceError`` unless it can be a file's, and stand in settings."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", key_id):
        raise KeySourceError("A key's name has at most 64 letters, digits, dots, hyphens and underscores.")
    return key_id


def _decoded(file: Path) -> bytes:
    text = file.read_bytes().strip()
    try:
        return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(file.name) from error
