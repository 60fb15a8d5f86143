"""Checkpoints in a backup: what the snapshot of the database knows, so that log and checkpoints agree."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.utils import timezone
from psycopg import sql

from llmasos.audit.notes import NoteError, parse_notes, parse_statement
from llmasos.audit.signing import SigningRoom
from llmasos.audit.stores import LEAF_BYTES
from llmasos.audit.stores import Folder as CheckpointFolder
from llmasos.runtime.backup.archive import ArchiveWriter
from llmasos.runtime.backup.database import Connection

FOLDER = "checkpoints"
_KEYS = "keys.notes"


def last_serial(connection: Connection) -> int:
    """Return the number of the newest checkpoint that the snapshot knows; 0 before the first."""
    row = connection.execute("SELECT coalesce(max(serial), 0) FROM audit_checkpoint").fetchone()
    return int(row[0]) if row else 0


def write(archive: ArchiveWriter, folder: Path) -> None:
    """Add the public keys, and of each log the notes and leaves up to the snapshot's newest checkpoint."""
    kept = CheckpointFolder(folder)
    introductions = "".join(f"\n{note}" for note in kept.introductions())
    if not introductions:
        return
    archive.add(f"{FOLDER}/{_KEYS}", introductions.encode())
    for log in kept.logs():
        text, size = _known(folder / f"{log}.notes", archive.manifest.checkpoint_serial)
        if size:
            archive.add(f"{FOLDER}/{log}.notes", text.encode())
            archive.add(f"{FOLDER}/{log}.leaves", _leaves(folder, log, size))


def begin_anew(connection: Connection, folder: Path) -> Path:
    """Put the restored checkpoints aside and let a new signing key begin; return where they are.

    Without the key that signed them nobody can continue them. The database's copies go with them.
    """
    aside = folder.with_name(f"{folder.name}-until-{timezone.now():%Y%m%dT%H%M%S}")
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("audit_delivery", "audit_checkpoint", "audit_signingkey"):
        name = sql.Identifier(table)
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
        connection.execute(sql.SQL("DELETE FROM {}").format(name))
        connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))
    folder.rename(aside)
    return aside


def go_on(key_folder: Path, folder: Path) -> None:
    """Let the signing key, which was put back, continue where the restored checkpoints end."""
    room = SigningRoom(key_folder, CheckpointFolder(folder))
    with room.alone():
        room.continue_from_journal()


def _known(file: Path, serial: int) -> tuple[str, int]:
    text, size = "", 0
    for note in parse_notes(file.read_text(encoding="utf-8", errors="replace")):
        try:
            statement = parse_statement(note)
        except NoteError:
            continue
        if statement.serial <= serial:
            text += f"\n{note}"
            size = max(size, statement.size)
    return text, size


def _leaves(folder: Path, log: UUID, size: int) -> bytes:
    try:
        with (folder / f"{log}.leaves").open("rb") as file:
            return file.read(size * LEAF_BYTES)
    except FileNotFoundError:
        return b""
