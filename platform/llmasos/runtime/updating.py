"""Bringing the database to this version: what is missing, a backup before it, or why not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from llmasos.runtime import locations
from llmasos.runtime.backup import archive, making
from llmasos.runtime.backup.making import Backup
from llmasos.runtime.locations import ConfigurationProblem
from llmasos.runtime.log_privacy import name_of

KEPT = 3
"""How many backups of updates stay; each update removes the oldest of its own, and no other file."""
UPDATE_PREFIX = "before-update-"
"""How the names of those begin."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Update:
    """What was done. ``backup`` is None where nothing was to be kept, or nobody asked for one."""

    migrations: int
    backup: Backup | None = None
    seconds: float = 0.0


def bring_up_to_date(*, owner_url: str, with_backup: bool, tell: Tell = lambda _: None) -> Update:
    """Apply the migrations that are missing, after a backup where ``with_backup`` asks for one and there are data.

    Raises:
        ConfigurationProblem: a newer version migrated the database, or the backup or a migration failed. Before the
            first migration nothing of the database was changed.
    """
    began = time.monotonic()
    connection = connections["owner"]
    if with_backup:
        # `up` holds the data folder alone: what is half written here was cut off.
        for draft in backup_folder().glob(f".{UPDATE_PREFIX}*.part"):
            draft.unlink(missing_ok=True)
    try:
        executor = MigrationExecutor(connection)
        _require_known(executor.loader)
        pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if not pending:
            return Update(0)
        backup = None
        if with_backup and executor.loader.applied_migrations:
            kept = _still_good(set(executor.loader.applied_migrations))
            backup = kept or _back_up(owner_url, pending, tell)
            if kept is not None:
                tell(f"nothing was recorded since the backup {kept.path}, made before this update was first tried")
        tell(f"applying {pending} migrations")
        _migrate(backup)
    finally:
        connection.close()
    if backup is not None:
        # The log's own tables may have been older than this version until now.
        making.note(backup)
        _remove_old(Path(backup.path).parent)
    return Update(pending, backup, round(time.monotonic() - began, 1))


def backup_folder() -> Path:
    """Return where the backups of updates lie."""
    return Path(settings.VAR) / "backups"


def _require_known(loader: MigrationLoader) -> None:
    replaced = {name for migration in loader.replacements.values() for name in migration.replaces}
    unknown = sorted(
        (app, name)
        for app, name in loader.applied_migrations
        # What belongs to an application that is not offered here says nothing of the version.
        if app in loader.migrated_apps and (app, name) not in loader.disk_migrations and (app, name) not in replaced
    )
    if unknown:
        app, name = unknown[0]
        raise ConfigurationProblem(
            f"The database belongs to a newer version: it has {len(unknown)} migrations that this one does not know "
            f"({app}.{name} is the first). Start that version again, or give this one an empty database and restore "
            "the backup from before the update. Nothing was changed."
        )


def _still_good(applied: set[tuple[str, str]]) -> Backup | None:
    """Return the newest backup of an update where the data are still as it holds them: its update failed.

    What was migrated since changes nothing of that: the former version can only use the backup from before it all.
    """
    newest = max(backup_folder().glob(f"{UPDATE_PREFIX}*.tar"), default=None)
    if newest is None:
        return None
    try:
        manifest, digest = archive.verified_manifest(newest, passphrase="")
    except ConfigurationProblem:
        return None
    if not set(manifest.migrations) <= applied:
        return None
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM audit_entry WHERE recorded_at > %s)", [manifest.made_at])
        if cursor.fetchone()[0]:
            return None
    return making.described(newest, manifest, digest)


def _back_up(owner_url: str, pending: int, tell: Tell) -> Backup:
    path = backup_folder() / f"{UPDATE_PREFIX}{timezone.now():%Y%m%dT%H%M%SZ}.tar"
    tell(f"backing up to {path}, before {pending} migrations")
    try:
        locations.make_private_folder(path.parent)
        return making.write(path, owner_url=owner_url)
    except Exception as error:
        cause = str(error) if isinstance(error, ConfigurationProblem) else f"{name_of(error)}."
        raise ConfigurationProblem(
            f"This version needs {pending} migrations, and the backup before them failed: {cause} Nothing was changed. "
            "Mend that and start again, or back up yourself and run `manage.py prepare` once, which makes no backup."
        ) from error


def _migrate(backup: Backup | None) -> None:
    try:
        call_command("migrate", database="owner", interactive=False, verbosity=0)
    except Exception as error:
        kept = (
            f"The data as they were are in {backup.path}: with the former version, "
            f"`manage.py restore {backup.path} --replace` brings them back"
            if backup is not None
            else "Restore your backup with the former version"
        )
        raise ConfigurationProblem(
            f"A migration failed ({name_of(error)}) and was taken back; those before it are applied. {kept}; "
            "or mend the cause and start again."
        ) from error


def _remove_old(folder: Path) -> None:
    for path in sorted(folder.glob(f"{UPDATE_PREFIX}*.tar"))[:-KEPT]:
        path.unlink(missing_ok=True)
