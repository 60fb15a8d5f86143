"""Restoring a backup into an empty system, verified and without those who were erased since."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from llmasos.audit import verification
from llmasos.audit.services import record, sequence_all
from llmasos.audit.types import PLATFORM, Actor
from llmasos.privacy import journal
from llmasos.privacy.services import erase_again
from llmasos.runtime import guard, locations
from llmasos.runtime.backup import archive, checkpoints, database, making, places
from llmasos.runtime.backup.archive import Manifest
from llmasos.runtime.locations import ConfigurationProblem
from llmasos.vault import keys

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. ``aside`` is where checkpoints lie that no key here continues; "" where one does."""

    manifest: str
    made_at: str
    tables: int
    rows: int
    files: int
    entries: int
    faults: list[dict[str, object]]
    erased_again: int
    aside: str
    settings: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be restored from where, and what was allowed.

    ``erasures`` is a copy of the journal of erasures to take over. ``replace`` gives up what the system holds;
    ``without_journal`` says that nobody was erased since the backup, or accepts that they come back.
    """

    path: Path
    owner_url: str
    passphrase: str = ""
    erasures: Path | None = None
    replace: bool = False
    without_journal: bool = False


def restore(plan: Plan, *, tell: Tell = lambda _: None) -> Restored:
    """Restore, verify the log, and repeat the erasures that were made since the backup.

    Everything that can be refused is refused before anything is changed: the archive is read to its end first.

    Raises:
        ConfigurationProblem: the archive is damaged or a newer release's, the system is not empty, or the journal of
            erasures is missing or another installation's.
    """
    began = time.monotonic()
    manifest, digest = archive.verified_manifest(plan.path, passphrase=plan.passphrase)
    tell(f"the archive is whole: {len(manifest.tables)} tables, {manifest.files} files, made {manifest.made_at}")
    _require_journal(plan, manifest)
    _require_known(manifest)
    _require_keys(manifest)
    with psycopg.connect(plan.owner_url) as connection:
        if not plan.replace and (database.holds_data(connection) or places.has_files()):
            raise ConfigurationProblem(
                "This system is not empty: restore into an empty one, or give up what it holds with --replace."
            )
    unfinished = guard.restore_mark(Path(settings.VAR))
    locations.make_private_folder(unfinished.parent)
    unfinished.write_text(f"{digest}\n", encoding="ascii")
    _empty_folders()
    if _applied() != set(manifest.migrations):
        _migrate(plan.owner_url, manifest.migrations)
    given = _load(plan, manifest)
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    connections["owner"].close()
    tell("the data is loaded")
    if plan.erasures is not None and plan.erasures.resolve() != journal.path().resolve():
        locations.make_private_folder(journal.path().parent)
        shutil.copyfile(plan.erasures, journal.path())
    sequence_all()
    verified = verification.verify_all()
    aside = _continue_checkpoints(plan.owner_url)
    again = _erase_again(manifest)
    tell(f"{verified.entries} log entries verified, {again} erasures repeated")
    with transaction.atomic():
        record(
            organisation_id=PLATFORM,
            actor=Actor("system"),
            action="runtime.backup_restored",
            outcome="success" if verified.ok else "failure",
            digests={"manifest": digest, "entries": verified.entries, "erased_again": again},
        )
    if verified.ok:
        unfinished.unlink()
    return Restored(
        manifest=digest,
        made_at=manifest.made_at,
        tables=len(manifest.tables),
        rows=sum(table.rows for table in manifest.tables.values()),
        files=manifest.files,
        entries=verified.entries,
        faults=verified.as_json()["faults"],
        erased_again=again,
        aside=str(aside or ""),
        settings=str(given),
        seconds=round(time.monotonic() - began, 1),
    )


def _require_journal(plan: Plan, manifest: Manifest) -> None:
    file = plan.erasures or journal.path()
    if plan.without_journal:
        return
    try:
        continues = file.is_file() and journal.continues(
            journal.Head(manifest.erasures, manifest.erasures_digest), file=file
        )
    except journal.JournalError as error:
        raise ConfigurationProblem(f"{file}: {error}") from error
    if not continues:
        raise ConfigurationProblem(
            f"The journal of erasures is not in {file}, or is not this backup's: people erased since would come back. "
            "Give its copy with --journal FILE. Where nobody was erased since, there may be none: --without-journal."
        )


def _require_known(manifest: Manifest) -> None:
    executor = MigrationExecutor(connections["owner"])
    known = executor.loader.disk_migrations
    unknown = [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known]
    connections["owner"].close()
    if unknown:
        raise ConfigurationProblem(
            f"The backup was made by a newer release, or with another application ({unknown[0]}): use that release."
        )


def _require_keys(manifest: Manifest) -> None:
    missing = sorted(set(manifest.keys) - set(keys.key_ids() if keys.exist() else ()))
    if missing:
        raise ConfigurationProblem(
            f"This backup opens only with the key-encryption key {', '.join(missing)}: run "
            "`manage.py privacy keys import FILE` first. Retiring a key closed the backups from before for good."
        )


def _empty_folders() -> None:
    for folder in (*places.folders().values(), Path(settings.CHECKPOINT_FOLDER)):
        if folder.is_dir():
            for path in folder.iterdir():
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _applied() -> set[tuple[str, str]]:
    applied = set(MigrationExecutor(connections["owner"]).loader.applied_migrations)
    connections["owner"].close()
    return applied


def _migrate(owner_url: str, wanted: list[tuple[str, str]]) -> None:
    """Make the tables from nothing, as they were when the backup was made."""
    with psycopg.connect(owner_url) as connection:
        database.empty(connection)
    executor = MigrationExecutor(connections["owner"])
    nodes, made = executor.loader.graph.node_map, set(wanted)
    # The last of each application alone: of earlier ones Django would take back what follows them.
    last = [
        (app, name)
        for app, name in wanted
        if not any(child.key[0] == app and child.key in made for child in nodes[app, name].children)
    ]
    executor.migrate(last)
    connections["owner"].close()


def _load(plan: Plan, manifest: Manifest) -> Path:
    """Load tables and files; the tables appear together at the end. Return where the settings were written."""
    given = Path(settings.VAR) / "restored-settings.json"
    checkpoint_folder = Path(settings.CHECKPOINT_FOLDER)
    with (
        psycopg.connect(plan.owner_url) as connection,
        archive.reading(plan.path, passphrase=plan.passphrase) as members,
    ):
        connection.execute("SET LOCAL row_security = off")
        loader = database.Loader(connection, manifest.tables)
        loader.begin()
        for name, content in members:
            folder, _, rest = name.partition("/")
            if folder == database.FOLDER:
                loader.take(rest.partition("/")[0], content.read())
            elif folder == checkpoints.FOLDER:
                places.write_file(checkpoint_folder / Path(rest).name, content)
            elif folder == places.FOLDER:
                places.write_file(places.place_of(name), content)
            elif name == making.SETTINGS:
                places.write_file(given, content)
            elif name != archive.MANIFEST:
                raise ConfigurationProblem(f"The backup holds {name}, which belongs nowhere.")
        loader.finish(manifest.sequences)
    return given


def _continue_checkpoints(owner_url: str) -> Path | None:
    folder, key_folder = Path(settings.CHECKPOINT_FOLDER), Path(settings.CHECKPOINT_KEY_FOLDER)
    if not folder.is_dir() or not any(folder.iterdir()):
        return None
    if (key_folder / "key").exists():
        checkpoints.go_on(key_folder, folder)
        return None
    with psycopg.connect(owner_url) as connection:
        return checkpoints.begin_anew(connection, folder)


def _erase_again(manifest: Manifest) -> int:
    number = 0
    for erasure in journal.read_since(manifest.erasures):
        erase_again(erasure.organisation_id, erasure.subject)
        number += 1
    return number
