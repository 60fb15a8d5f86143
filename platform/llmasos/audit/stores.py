"""Where checkpoints are kept outside the database. A store only ever adds: what was there is never written again.

Named by addresses: a folder (``file:///srv/checkpoints``), a mailbox (``mailto:auditor@example.org``), an object store
(``s3://bucket/prefix``, ``gs://``, ``az://``, an ``https://`` one of theirs) or a witness that countersigns
(``witness+https://witness.example.org/#name+id+key``, the protocol of c2sp.org/tlog-witness).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urldefrag, urlsplit
from uuid import UUID

import httpx
import obstore
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.dummy import EmailBackend as NoMail
from obstore.exceptions import AlreadyExistsError
from obstore.exceptions import BaseError as ObjectStoreError
from obstore.store import from_url

from llmasos.audit.notes import Note, parse_notes

LEAF_BYTES = 32
_KEYS = "keys.notes"
_SECONDS = 20.0
# So much of a file's end holds its last note.
_TAIL_BYTES = 8_192


class StoreError(Exception):
    """A store did not take a checkpoint, or cannot be read. The message is for operators."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A checkpoint on its way: its log, number and size, the note, the keys, and the leaves since the one before."""

    organisation_id: UUID
    number: int
    size: int
    note: str
    keys: Sequence[str]
    leaves: bytes
    # The proof that the tree of ``proven`` entries begins this one's, asked for by witnesses.
    prove: Callable[[int], Sequence[bytes]] = field(repr=False)
    first_sizes: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What a store holds. ``leaves`` reads the leaf hashes of one log, in order, as far as they are there."""

    keys: tuple[Note, ...]
    notes: tuple[Note, ...]
    leaves: Callable[[UUID], bytes]


class Store(Protocol):
    """A place for checkpoints outside the database."""

    name: str

    def deliver(self, parcel: Parcel) -> str:
        """Keep a checkpoint; return the countersignature of a witness, else "".

        Raises:
            StoreError: it was not kept, and is to be tried again.
        """


class ReadableStore(Store, Protocol):
    """A store that verification can read."""

    def fetch(self) -> Kept:
        """Return everything that is kept.

        Raises:
            StoreError: the store cannot be read.
        """


class Folder:
    """A folder with one growing file of notes and one of leaf hashes for each log, and one for the keys."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.absolute().as_uri()

    def deliver(self, parcel: Parcel) -> str:
        try:
            known, last = len(self.introductions()), self.last(parcel.organisation_id)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read ({error.strerror}).") from error
        for key in parcel.keys[known:]:
            self.add_key(key)
        if str(last or "") != parcel.note:
            self.add(parcel.organisation_id, parcel.note)
        self.add_leaves(parcel.organisation_id, parcel.size - len(parcel.leaves) // LEAF_BYTES, parcel.leaves)
        return ""

    def add(self, organisation_id: UUID, note: str) -> None:
        """Add a checkpoint at the end of its log's file."""
        self._append(f"{organisation_id}.notes", note)

    def add_key(self, note: str) -> None:
        """Add the introduction of a key."""
        self._append(_KEYS, note)

    def add_leaves(self, organisation_id: UUID, start: int, leaves: bytes) -> None:
        """Write the leaf hashes from the 0-based place ``start``, which a repeated delivery finds there already."""
        with self._opened(f"{organisation_id}.leaves", os.O_WRONLY) as descriptor:
            os.pwrite(descriptor, leaves, start * LEAF_BYTES)

    def last(self, organisation_id: UUID) -> Note | None:
        """Return the last checkpoint of a log; None where there is none."""
        try:
            with (self.path / f"{organisation_id}.notes").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
                found = list(parse_notes(file.read().decode(errors="replace")))
        except FileNotFoundError:
            return None
        return found[-1] if found else None

    def introductions(self) -> tuple[Note, ...]:
        """Return the introductions of keys, in order."""
        try:
            return tuple(parse_notes((self.path / _KEYS).read_text(encoding="utf-8", errors="replace")))
        except FileNotFoundError:
            return ()

    def logs(self) -> list[UUID]:
        """Return the organisations that have checkpoints here."""
        return [UUID(path.stem) for path in sorted(self.path.glob("*.notes")) if _is_uuid(path.stem)]

    def fetch(self) -> Kept:
        try:
            files = [self.path / f"{log}.notes" for log in self.logs()]
            notes = [note for file in files for note in parse_notes(file.read_text(errors="replace"))]
            return Kept(self.introductions(), tuple(notes), self._leaves)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read ({error.strerror}).") from error

    def _leaves(self, organisation_id: UUID) -> bytes:
        try:
            return (self.path / f"{organisation_id}.leaves").read_bytes()
        except OSError:
            return b""

    def _append(self, name: str, note: str) -> None:
        with self._opened(name, os.O_WRONLY | os.O_APPEND) as descriptor:
            # The empty line also closes what a crash may have left half written.
            os.write(descriptor, f"\n{note}".encode())
            os.fsync(descriptor)

    @contextlib.contextmanager
    def _opened(self, name: str, flags: int) -> Iterator[int]:
        try:
            self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
            descriptor = os.open(self.path / name, flags | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written ({error.strerror}).") from error
        try:
            yield descriptor
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written ({error.strerror}).") from error
        finally:
            os.close(descriptor)


class Mailbox:
    """Checkpoints by e-mail. What a mailbox holds is read with ``--checkpoints FILE``, from a saved message."""

    def __init__(self, address: str) -> None:
        self.name = f"mailto:{address}"
        self._address = address

    def deliver(self, parcel: Parcel) -> str:
        subject = f"LLMasOS checkpoint {parcel.number} of {parcel.organisation_id}"
        body = "\n".join([*parcel.keys, parcel.note])
        try:
            connection = get_connection()
            if isinstance(connection, NoMail):
                raise StoreError("No mail server is set up.")
            sent = EmailMessage(subject, body, to=[self._address], connection=connection).send()
        except OSError as error:
            raise StoreError(f"The mail server did not take it ({type(error).__name__}).") from error
        if not sent:
            raise StoreError("The mail server did not take it.")
        return ""


class Objects:
    """Checkpoints in an object store: one object for each note, key and stretch of leaves, never written twice."""

    def __init__(self, url: str) -> None:
        self.name = url
        self._url = url

    def deliver(self, parcel: Parcel) -> str:
        place = f"{parcel.organisation_id}/{parcel.number:012d}"
        objects = {f"keys/{number:06d}.note": key.encode() for number, key in enumerate(parcel.keys, 1)}
        objects |= {f"{place}.leaves": parcel.leaves, f"{place}.note": parcel.note.encode()}
        try:
            store = from_url(self._url)
            for path, content in objects.items():
                with contextlib.suppress(AlreadyExistsError):
                    obstore.put(store, path, content, mode="create")
        except (ObjectStoreError, ValueError) as error:
            raise StoreError(_first_line(error)) from error
        return ""

    def fetch(self) -> Kept:
        try:
            paths = sorted(entry["path"] for batch in obstore.list(from_url(self._url)) for entry in batch)
            texts = {path: self._content(path).decode() for path in paths if path.endswith(".note")}
        except (ObjectStoreError, ValueError) as error:
            raise StoreError(_first_line(error)) from error

        def leaves(organisation_id: UUID) -> bytes:
            wanted = [path for path in paths if path.startswith(f"{organisation_id}/") and path.endswith(".leaves")]
            return b"".join(self._content(path) for path in wanted)

        keys = [text for path, text in texts.items() if path.startswith("keys/")]
        notes = [text for path, text in texts.items() if not path.startswith("keys/")]
        return Kept(_parsed(keys), _parsed(notes), leaves)

    def _content(self, path: str) -> bytes:
        return bytes(obstore.get(from_url(self._url), path).bytes())


class Witness:
    """A server that checks that a log only grew, and countersigns (c2sp.org/tlog-witness, cosignature/v1)."""

    def __init__(self, url: str, key: str) -> None:
        self.name = f"witness+{url}"
        self._url = url.rstrip("/")
        self._witness, self._id, self._public = _witness_key(key)

    def deliver(self, parcel: Parcel) -> str:
        known = parcel.first_sizes[-1] if parcel.first_sizes else 0
        answer = self._ask(parcel, known)
        if answer.status_code == httpx.codes.CONFLICT and answer.text.strip().isdecimal():
            # It tells the size that it knows.
            known = int(answer.text.strip())
            if known <= parcel.size:
                answer = self._ask(parcel, known)
        if answer.status_code != httpx.codes.OK:
            raise StoreError(f"The witness answered {answer.status_code}.")
        text = parcel.note.partition("\n\n")[0] + "\n"
        for line in answer.text.splitlines():
            if self._countersigned(text, line):
                return f"{line}\n"
        raise StoreError("The witness did not countersign with its key.")

    def _ask(self, parcel: Parcel, known: int) -> httpx.Response:
        proof = "".join(f"{base64.b64encode(node).decode()}\n" for node in parcel.prove(known))
        try:
            return httpx.post(
                f"{self._url}/add-checkpoint", content=f"old {known}\n{proof}\n{parcel.note}", timeout=_SECONDS
            )
        except httpx.HTTPError as error:
            raise StoreError(f"The witness cannot be reached ({type(error).__name__}).") from error

    def _countersigned(self, text: str, line: str) -> bool:
        parts = line.split(" ")
        if len(parts) != 3 or parts[1] != self._witness:
            return False
        try:
            blob = base64.b64decode(parts[2], validate=True)
        except binascii.Error:
            return False
        if len(blob) != 76 or blob[:4] != self._id:
            return False
        moment = int.from_bytes(blob[4:12], "big")
        message = f"cosignature/v1\ntime {moment}\n{text}".encode()
        try:
            Ed25519PublicKey.from_public_bytes(self._public).verify(blob[12:], message)
        except InvalidSignature:
            return False
        return True


def store_at(address: str) -> Store:
    """Return the store that an address names.

    Raises:
        StoreError: the address names none.
    """
    if address.startswith("mailto:"):
        return Mailbox(unquote(address.removeprefix("mailto:")))
    if address.startswith("witness+"):
        url, key = urldefrag(address.removeprefix("witness+"))
        return Witness(url, key)
    return readable_store(address)


def readable_store(address: str) -> ReadableStore:
    """Return the folder, file or object store at a path or address.

    Raises:
        StoreError: there is none.
    """
    if not re.match(r"[a-z0-9+]+://", address):
        path = Path(address)
        return SavedNotes(path) if path.is_file() else Folder(path)
    if address.startswith("file://"):
        return Folder(Path(unquote(urlsplit(address).path)))
    return Objects(address)


class SavedNotes:
    """Notes that somebody saved in one file, from e-mails for example."""

    def __init__(self, path: Path) -> None:
        self.name = path.absolute().as_uri()
        self._path = path

    def deliver(self, parcel: Parcel) -> str:
        raise StoreError(f"{self._path} is a file: name a folder to keep checkpoint {parcel.number}.")

    def fetch(self) -> Kept:
        try:
            notes = tuple(parse_notes(self._path.read_text(encoding="utf-8", errors="replace")))
        except OSError as error:
            raise StoreError(f"{self._path} cannot be read ({error.strerror}).") from error
        return Kept(notes, notes, lambda _: b"")


def _parsed(texts: Iterable[str]) -> tuple[Note, ...]:
    return tuple(note for text in texts for note in parse_notes(text))


def _witness_key(text: str) -> tuple[str, bytes, bytes]:
    """Read a witness's verifier key: name, id, and the public key behind the type of cosignature/v1."""
    name, _, rest = text.partition("+")
    identity, _, encoded = rest.partition("+")
    with contextlib.suppress(ValueError):
        blob = base64.b64decode(encoded, validate=True)
        if len(blob) == 33 and blob[0] == 4:
            return name, bytes.fromhex(identity), blob[1:]
    raise StoreError("A witness is named with its verifier key behind #, as it publishes it (name+id+key).")


def _is_uuid(text: str) -> bool:
    with contextlib.suppress(ValueError):
        return str(UUID(text)) == text
    return False


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
