"""Making a backup, while the system runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor
from llmasos.privacy import journal
from llmasos.runtime.backup import checkpoints, database, places
from llmasos.runtime.backup.archive import ArchiveWriter, Manifest, writing

SETTINGS = "settings.json"
# What another machine needs to be told as this one was. Never a secret, an address with a password, or a key.
_SETTINGS = ("ENVIRONMENT", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEFAULT_FROM_EMAIL", "LLMASOS_DEMO")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made. ``digest`` is the SHA-256 of its manifest, which names everything else by digest."""

    path: str
    bytes: int
    sealed: bool
    tables: int
    rows: int
    files: int
    keys: list[str]
    digest: str
    seconds: float


def make(path: Path, *, owner_url: str, passphrase: str = "", tell: Callable[[str], None] = lambda _: None) -> Backup:
    """Write the backup and record it in the log; see ``write``.

    Raises:
        ConfigurationProblem: the file exists or cannot be written.
    """
    made = write(path, owner_url=owner_url, passphrase=passphrase, tell=tell)
    note(made)
    return made


def note(made: Backup) -> None:
    """Record in the log that a backup was written."""
    with transaction.atomic():
        record(
            organisation_id=PLATFORM,
            actor=Actor("system"),
            action="runtime.backup_made",
            digests={"manifest": made.digest, "tables": made.tables, "files": made.files},
        )


def write(path: Path, *, owner_url: str, passphrase: str = "", tell: Callable[[str], None] = lambda _: None) -> Backup:
    """Write the backup of a database that may be older than this version; the caller records it.

    The database is read in one snapshot. Files are added after it, so that each file of a row in the snapshot is
    there unless it was erased meanwhile; of the checkpoints, those that the snapshot knows.

    Raises:
        ConfigurationProblem: the file exists or cannot be written.
    """
    began = time.monotonic()
    manifest = Manifest(made_at=timezone.now().isoformat())
    with writing(path, passphrase=passphrase) as stream:
        archive = ArchiveWriter(stream, manifest)
        # Before the snapshot: an erasure in between is repeated on restore, which does no harm.
        head = journal.head()
        manifest.erasures, manifest.erasures_digest = head.position, head.digest
        with database.snapshot(owner_url) as connection:
            manifest.migrations = list(connection.execute("SELECT app, name FROM django_migrations ORDER BY id"))
            rows = connection.execute("SELECT key_id FROM vault_subjectkey WHERE wrapped_key IS NOT NULL GROUP BY 1")
            manifest.keys = sorted(row[0] for row in rows)
            manifest.checkpoint_serial = checkpoints.last_serial(connection)
            database.write_tables(connection, archive)
        tell(f"{len(manifest.tables)} tables")
        checkpoints.write(archive, Path(settings.CHECKPOINT_FOLDER))
        places.write_files(archive)
        tell(f"{manifest.files} files")
        given = {name: getattr(settings, name) for name in _SETTINGS}
        archive.add(SETTINGS, json.dumps(given, indent=1).encode() + b"\n")
        digest = archive.close()
    return described(path, manifest, digest, sealed=bool(passphrase), seconds=round(time.monotonic() - began, 1))


def described(path: Path, manifest: Manifest, digest: str, *, sealed: bool = False, seconds: float = 0.0) -> Backup:
    """Return what a backup holds, by its manifest."""
    return Backup(
        path=str(path),
        bytes=path.stat().st_size,
        sealed=sealed,
        tables=len(manifest.tables),
        rows=sum(table.rows for table in manifest.tables.values()),
        files=manifest.files,
        keys=manifest.keys,
        digest=digest,
        seconds=seconds,
    )
