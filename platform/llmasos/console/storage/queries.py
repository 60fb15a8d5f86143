"""Where the room goes. Sizes in bytes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

from llmasos.audit.models import Entry
from llmasos.audit.scope import log_of
from llmasos.audit.types import PLATFORM
from llmasos.inference.valkey import UNREACHABLE, client
from llmasos.runtime import locations
from llmasos.runtime.updating import UPDATE_PREFIX, backup_folder

TABLES_SHOWN = 15
# More files than this are not counted one by one while somebody waits.
FILES_COUNTED = 50_000


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that holds the data folder."""

    path: str
    size: int
    free: int

    @property
    def used(self) -> int:
        return self.size - self.free


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder and what its files take; ``at_least`` where there are too many to count them all."""

    key: str
    path: str
    files: int
    size: int
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its indexes; ``rows`` as the database estimates them, None before it has."""

    name: str
    size: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class Database:
    """The database's size, its largest tables, and how many others there are."""

    size: int
    tables: tuple[Table, ...]
    others: int


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup in the data folder; ``by_update`` says that an update made it."""

    path: str
    size: int
    made_at: datetime
    by_update: bool


def disk() -> Disk:
    """Return how full the disk is that holds the data."""
    var = locations.var_folder()
    found = shutil.disk_usage(var)
    return Disk(str(var), found.total, found.free)


def folders() -> tuple[Folder, ...]:
    """Return the folders of this machine that grow."""
    var = Path(settings.VAR)
    places = {
        "models": locations.models_folder(var),
        "files": Path(default_storage.path("")),
        "uploads": locations.uploads_folder(var),
        "logs": locations.log_folder(var),
        "checkpoints": Path(settings.CHECKPOINT_FOLDER),
        "backups": backup_folder(),
    }
    return tuple(_measured(key, path) for key, path in places.items())


def database() -> Database:
    """Return how large the database is, and which tables make it so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_total_relation_size(c.oid), c.reltuples::bigint, pg_database_size(current_database())"
            " FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 2 DESC, 1"
        )
        rows = cursor.fetchall()
    tables = tuple(Table(name, size, rows if rows >= 0 else None) for name, size, rows, _total in rows[:TABLES_SHOWN])
    return Database(rows[0][3] if rows else 0, tables, max(0, len(rows) - TABLES_SHOWN))


def valkey_bytes() -> int | None:
    """Return the memory that Valkey uses; None while it is away."""
    try:
        found: dict[str, int] = client().info("memory")
    except UNREACHABLE:
        return None
    return int(found["used_memory"])


def backups() -> tuple[BackupFile, ...]:
    """Return the backups in the folder for them, newest first: those of updates, and others whatever their name."""
    found = []
    for path in backup_folder().glob("*"):
        # What begins with a dot is being written, or was never finished.
        if path.is_file() and not path.name.startswith("."):
            facts = path.stat()
            made_at = datetime.fromtimestamp(facts.st_mtime, tz=UTC)
            found.append(BackupFile(str(path), facts.st_size, made_at, path.name.startswith(UPDATE_PREFIX)))
    return tuple(sorted(found, key=lambda backup: backup.made_at, reverse=True))


def last_backup() -> datetime | None:
    """Return when the log last says that a backup was written, wherever it lies; None where it never does."""
    with log_of(PLATFORM):
        made = Entry.objects.filter(organisation_id=PLATFORM, action="runtime.backup_made").order_by("-recorded_at")
        return made.values_list("recorded_at", flat=True).first()


def _measured(key: str, path: Path) -> Folder:
    files = size = 0
    for found in _files(path):
        if files >= FILES_COUNTED:
            return Folder(key, str(path), files, size, at_least=True)
        files, size = files + 1, size + found
    return Folder(key, str(path), files, size)


def _files(path: Path) -> Iterator[int]:
    """Yield the size of each file; what cannot be read, or goes meanwhile, is passed over."""
    for folder, _folders, names in os.walk(path):
        for name in names:
            try:
                yield Path(folder, name).lstat().st_size
            except OSError:
                continue
