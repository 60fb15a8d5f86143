"""The archive: members of known size, their digests, and a manifest at the end."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from llmasos.runtime.locations import ConfigurationProblem
from llmasos.vault import sealed_streams
from llmasos.vault.errors import DecryptionError
from llmasos.vault.sealed_streams import OpeningReader, SealingWriter

FORMAT = 1
MANIFEST = "manifest.json"
_BUFFER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Table:
    """A table's columns in the order of its rows, and how many rows there are."""

    columns: list[str]
    rows: int


@dataclass(slots=True)
class Manifest:
    """What an archive holds. ``members`` gives the SHA-256 of each in hexadecimal digits."""

    made_at: str
    migrations: list[tuple[str, str]] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    checkpoint_serial: int = 0
    erasures: int = 0
    erasures_digest: str = ""
    files: int = 0
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def read(cls, content: bytes) -> Manifest:
        values: dict[str, Any] = json.loads(content)
        if values.get("format") != FORMAT:
            raise ConfigurationProblem("The backup has a format that this release does not read: use a newer release.")
        values["migrations"] = [(app, name) for app, name in values["migrations"]]
        values["tables"] = {name: Table(**table) for name, table in values["tables"].items()}
        return cls(**values)


class ArchiveWriter:
    """Adds members and remembers their digests."""

    def __init__(self, stream: IO[bytes], manifest: Manifest) -> None:
        self._tar = tarfile.open(fileobj=stream, mode="w|")  # noqa: SIM115 - closed in close()
        self.manifest = manifest

    def add(self, name: str, content: bytes) -> None:
        """Add a member from memory."""
        self.manifest.members[name] = hashlib.sha256(content).hexdigest()
        self._add(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, path: Path) -> bool:
        """Add a file; False when it is not there any more."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return False
        with file:
            size = os.fstat(file.fileno()).st_size
            digesting = _Digesting(file)
            self._add(name, digesting, size)
        self.manifest.members[name] = digesting.digest.hexdigest()
        return True

    def close(self) -> str:
        """Write the manifest and return its digest."""
        content = self.manifest.as_json()
        self._add(MANIFEST, io.BytesIO(content), len(content))
        self._tar.close()
        return hashlib.sha256(content).hexdigest()

    def _add(self, name: str, source: IO[bytes] | _Digesting, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, cast("IO[bytes]", source))


class _Digesting:
    """A file that remembers the digest of what was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content


@contextmanager
def writing(path: Path, *, passphrase: str) -> Iterator[IO[bytes]]:
    """Open a new file, private from the start, that appears under its name when it is complete.

    Raises:
        ConfigurationProblem: there is a file already, or it cannot be written.
    """
    if path.exists():
        raise ConfigurationProblem(f"{path} is there already: a backup is never written over another.")
    draft = path.with_name(f".{path.name}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb", buffering=_BUFFER_BYTES) as file:
            if passphrase:
                with SealingWriter(file, passphrase=passphrase) as sealed:
                    yield cast("IO[bytes]", sealed)
            else:
                yield file
            file.flush()
            os.fsync(descriptor)
        draft.rename(path)
    except OSError as error:
        raise ConfigurationProblem(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        draft.unlink(missing_ok=True)


def is_sealed(path: Path) -> bool:
    """Say whether a backup is closed by a passphrase. Raises ``ConfigurationProblem`` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(sealed_streams.MAGIC)) == sealed_streams.MAGIC
    except OSError as error:
        raise ConfigurationProblem(f"{path} cannot be read ({error.strerror}).") from error


@contextmanager
def reading(path: Path, *, passphrase: str) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Give each member's name and content, in order; each is to be read before the next.

    Raises:
        ConfigurationProblem: the file is no backup, was cut off, or opens with another passphrase.
    """
    try:
        with path.open("rb", buffering=_BUFFER_BYTES) as file:
            source = OpeningReader(file, passphrase=passphrase) if is_sealed(path) else file
            stream = io.BufferedReader(source, _BUFFER_BYTES) if isinstance(source, OpeningReader) else source
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                yield _members(tar, path)
    except DecryptionError as error:
        raise ConfigurationProblem(f"{path}: {error}") from error
    except tarfile.TarError as error:
        raise ConfigurationProblem(f"{path} is no backup, or was cut off.") from error


def _members(tar: tarfile.TarFile, path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    for member in tar:
        content = tar.extractfile(member) if member.isreg() else None
        if content is None:
            raise ConfigurationProblem(f"{path} holds {member.name}, which no backup holds.")
        yield member.name, content


def verified_manifest(path: Path, *, passphrase: str) -> tuple[Manifest, str]:
    """Read the whole archive once, compare every member with the manifest, and return that and its digest.

    Raises:
        ConfigurationProblem: something is missing, was altered or was added.
    """
    found: dict[str, str] = {}
    content = b""
    with reading(path, passphrase=passphrase) as members:
        for name, member in members:
            if name == MANIFEST:
                content = member.read()
                continue
            digest = hashlib.sha256()
            while piece := member.read(_BUFFER_BYTES):
                digest.update(piece)
            found[name] = digest.hexdigest()
    if not content:
        raise ConfigurationProblem(f"{path} was cut off: its manifest is missing.")
    manifest = Manifest.read(content)
    differing = sorted(name for name in {*found, *manifest.members} if found.get(name) != manifest.members.get(name))
    if differing:
        raise ConfigurationProblem(f"{path} was altered: {differing[0]} is not what the manifest says.")
    return manifest, hashlib.sha256(content).hexdigest()
