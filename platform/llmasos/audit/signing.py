"""The checkpoint process's own room: the private key, and what was signed last. Nobody else reads this folder.

What was signed is kept here beside the key, so that the database can neither make the process sign two histories of
one log nor leave a checkpoint out unnoticed.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from llmasos.audit import canonical
from llmasos.audit.errors import AuditError
from llmasos.audit.notes import (
    NOTHING,
    PRODUCT,
    KeyIntroduction,
    Note,
    Signer,
    Statement,
    Verifier,
    installation_of,
    parse_introduction,
    parse_notes,
    parse_statement,
    public_key,
    signed,
)
from llmasos.audit.stores import Folder

_SEED_BYTES = 32


class SigningKeyError(AuditError):
    """The private key cannot be used. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The last checkpoint of a log; hashes in hexadecimal digits."""

    number: int = 0
    size: int = 0
    chain: str = ""
    root: str = ""
    hash: str = NOTHING


@dataclass(slots=True)
class _State:
    serial: int = 0
    before: str = NOTHING
    # A note that was signed and may not have reached everything yet.
    pending: str = ""
    logs: dict[str, Signed] = field(default_factory=dict)


class SigningRoom:
    """Signs checkpoints, one after the other. Use it inside :meth:`alone`."""

    def __init__(self, folder: Path, journal: Folder) -> None:
        self._folder = folder
        self.journal = journal
        self._state = _State()
        self._signer: Signer | None = None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other signing processes of this machine out; make the key on first use.

        Raises:
            SigningKeyError: the folder or key is another user's, or the key is lost.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SigningKeyError(
                f"{self._folder} belongs to the checkpoint process: run this as the user of that process."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._state = self._read_state()
            self._signer = self._load()
            yield
        finally:
            os.close(lock)

    @property
    def pending(self) -> str:
        """The note that was signed before this process or the last one ended, and may not be stored yet."""
        return self._state.pending

    def last(self, organisation_id: UUID) -> Signed:
        """Return what was signed last of a log."""
        return self._state.logs.get(str(organisation_id), Signed())

    def logs(self) -> dict[UUID, int]:
        """Return the signed size of every log."""
        return {UUID(log): last.size for log, last in self._state.logs.items()}

    def introductions(self) -> list[Note]:
        """Return the notes that introduce this installation's keys, the first one first."""
        try:
            return list(parse_notes((self._folder / "introductions").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return []

    def sign(self, organisation_id: UUID, *, size: int, root: bytes, chain: bytes, moment: datetime) -> str:
        """Return a new checkpoint. It stays :attr:`pending` until :meth:`settle`."""
        signer, last = self._require_signer(), self.last(organisation_id)
        statement = Statement(
            installation=signer.name.partition("/")[2],
            organisation=organisation_id,
            size=size,
            root=root,
            number=last.number + 1,
            serial=self._state.serial + 1,
            chain=chain,
            time=canonical.written_time(moment),
            previous=last.hash,
            before=self._state.before,
        )
        note = signed(statement.text, signer)
        self._state.pending = note
        self._write_state()
        return note

    def settle(self, statement: Statement, note: Note) -> None:
        """Remember that the pending note is stored."""
        self._state.serial, self._state.before, self._state.pending = statement.serial, note.hash, ""
        self._state.logs[str(statement.organisation)] = Signed(
            statement.number, statement.size, statement.chain.hex(), statement.root.hex(), note.hash
        )
        self._write_state()

    def continue_from_journal(self) -> None:
        """Take what the journal holds for what was signed last: a log that was restored from a backup ends there."""
        state = _State()
        for log in self.journal.logs():
            note = self.journal.last(log)
            if note is None:
                continue
            statement = parse_statement(note)
            state.logs[str(log)] = Signed(
                statement.number, statement.size, statement.chain.hex(), statement.root.hex(), note.hash
            )
            if statement.serial > state.serial:
                state.serial, state.before = statement.serial, note.hash
        self._state = state
        self._write_state()

    def rotate(self, moment: datetime) -> Verifier:
        """Replace the key: the new one is endorsed by the old one, which is destroyed. Returns the new public key."""
        old = self._require_signer()
        new = Signer(old.name, secrets.token_bytes(_SEED_BYTES))
        self._write(self._folder / "next", _written(new.seed))
        self._introduce(new, old, moment)
        (self._folder / "next").replace(self._folder / "key")
        self._signer = new
        return new.verifier

    def _require_signer(self) -> Signer:
        if self._signer is None:
            raise SigningKeyError("The signing room is used inside alone().")
        return self._signer

    def _load(self) -> Signer:
        known = self.introductions()
        try:
            seed = _read_seed(self._folder / "key")
        except FileNotFoundError:
            if known or self.journal.introductions():
                raise SigningKeyError(
                    f"The signing key that was in {self._folder} is gone: put its copy back. Without one, move "
                    f"{self.journal.path} to a safe place and start; `audit verify --checkpoints` still reads it there."
                ) from None
            return self._make()
        if known:
            current = parse_introduction(known[-1]).verifier
            if current.public != public_key(seed) and (self._folder / "next").exists():
                # A rotation was cut short after the new key was endorsed.
                (self._folder / "next").replace(self._folder / "key")
                seed = _read_seed(self._folder / "key")
            if current.public != public_key(seed):
                raise SigningKeyError(f"The key in {self._folder} is not the one that was introduced last.")
        name = f"{PRODUCT}/{parse_introduction(known[-1]).installation}" if known else _first_name(seed)
        signer = Signer(name, seed)
        if not known:
            # The first start was cut short.
            self._introduce(signer, None, datetime.now().astimezone())
        self._publish()
        return signer

    def _make(self) -> Signer:
        seed = secrets.token_bytes(_SEED_BYTES)
        self._write(self._folder / "key", _written(seed))
        signer = Signer(_first_name(seed), seed)
        self._introduce(signer, None, datetime.now().astimezone())
        self._publish()
        return signer

    def _introduce(self, new: Signer, old: Signer | None, moment: datetime) -> None:
        known = self.introductions()
        introduction = KeyIntroduction(
            installation=new.name.partition("/")[2],
            number=len(known) + 1,
            verifier=new.verifier,
            time=canonical.written_time(moment),
            previous=known[-1].hash if known else NOTHING,
        )
        note = signed(introduction.text, new, *([old] if old else []))
        self._write(self._folder / "introductions", "\n".join([*map(str, known), note]))
        self._publish()

    def _publish(self) -> None:
        """Let the journal have every introduction; one that has others is not this key's."""
        ours, kept = self.introductions(), self.journal.introductions()
        if list(map(str, kept)) != list(map(str, ours[: len(kept)])):
            raise SigningKeyError(f"{self.journal.path} holds the keys of another installation: name another folder.")
        for note in ours[len(kept) :]:
            self.journal.add_key(str(note))

    def _read_state(self) -> _State:
        try:
            content: dict[str, Any] = json.loads((self._folder / "state").read_text(encoding="ascii"))
        except FileNotFoundError:
            return _State()
        logs = {log: Signed(**last) for log, last in content.pop("logs").items()}
        return replace(_State(**content), logs=logs)

    def _write_state(self) -> None:
        self._write(self._folder / "state", json.dumps(asdict(self._state), ensure_ascii=True))

    def _write(self, path: Path, content: str) -> None:
        draft = path.with_name(f".{path.name}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def _first_name(seed: bytes) -> str:
    return f"{PRODUCT}/{installation_of(public_key(seed))}"


def _written(seed: bytes) -> str:
    return base64.b64encode(seed).decode() + "\n"


def _read_seed(path: Path) -> bytes:
    try:
        seed = base64.b64decode(path.read_text(encoding="ascii"), validate=False)
    except PermissionError as error:
        raise SigningKeyError(f"{path} is read by the checkpoint process alone: run this as its user.") from error
    if len(seed) != _SEED_BYTES:
        raise SigningKeyError(f"{path} does not hold a key: put its copy back.")
    return seed
