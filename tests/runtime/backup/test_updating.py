"""A new version on the data of an older one, and the other way round."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from pytest_django import Settings

from llmasos.audit.models import Entry
from llmasos.audit.scope import log_of
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor
from llmasos.runtime import updating
from llmasos.runtime.backup import archive
from llmasos.runtime.locations import ConfigurationProblem
from tests.runtime.backup.conftest import OpenMachine, owner_url

# Any migration will do that other applications do not build upon.
BEFORE = ("console", "0002_knowledge_totals")


@pytest.fixture
def var(machine: OpenMachine, settings: Settings) -> Path:
    with machine("here") as home:
        home.mkdir()
        return home


def missing() -> int:
    executor = MigrationExecutor(connections["owner"])
    count = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    connections["owner"].close()
    return count


def run_sql(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)
    connections["owner"].close()


def forget_a_migration() -> None:
    """Leave the tables as they are: where nothing may be applied, only what is noted counts."""
    run_sql("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")


def update(database: str) -> updating.Update:
    return updating.bring_up_to_date(owner_url=owner_url(database), with_backup=True)


def test_an_older_database_is_backed_up_and_then_migrated(var: Path, committed_database: str) -> None:
    call_command("migrate", *BEFORE, database="owner", interactive=False, verbosity=0)
    pending = missing()
    folder = updating.backup_folder()
    folder.mkdir()
    others = ["my-own.tar", *(f"before-update-2020010{day}T000000Z.tar" for day in (1, 2, 3))]
    for name in others:
        (folder / name).touch()

    done = update(committed_database)

    assert done.backup is not None
    manifest, digest = archive.verified_manifest(Path(done.backup.path), passphrase="")
    assert (done.migrations, missing(), digest) == (pending, 0, done.backup.digest)
    assert ("console", "0003_logcheck") not in manifest.migrations
    kept = {path.name for path in folder.iterdir()}
    assert kept == {*others, Path(done.backup.path).name} - {"before-update-20200101T000000Z.tar"}
    with log_of(PLATFORM):
        entry = Entry.objects.get(organisation_id=PLATFORM, action="runtime.backup_made")
    assert entry.digests["manifest"] == digest


def test_a_database_that_is_up_to_date_is_left_alone(var: Path, committed_database: str) -> None:
    assert update(committed_database) == updating.Update(0)
    assert not updating.backup_folder().exists()


def test_a_database_of_a_newer_version_is_refused_untouched(var: Path, committed_database: str) -> None:
    forget_a_migration()
    run_sql("INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '9999_later', now())")
    with pytest.raises(ConfigurationProblem, match=r"newer version.*accounts\.9999_later.*Nothing was changed"):
        update(committed_database)
    assert missing() == 1
    assert not updating.backup_folder().exists()


def test_what_an_application_that_is_not_offered_left_behind_is_no_newer_version(
    var: Path, committed_database: str
) -> None:
    run_sql("INSERT INTO django_migrations (app, name, applied) VALUES ('poetry', '0001_initial', now())")
    assert update(committed_database).migrations == 0


def fail_to_migrate(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a migration with a fault")

    with monkeypatch.context() as patch:
        patch.setattr(updating, "call_command", broken)
        with pytest.raises(ConfigurationProblem, match="A migration failed"):
            update(database)


def backups() -> list[str]:
    return sorted(path.name for path in updating.backup_folder().iterdir())


def test_a_failed_update_that_is_tried_again_keeps_the_backup_from_before_it(
    var: Path, committed_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("migrate", *BEFORE, database="owner", interactive=False, verbosity=0)
    fail_to_migrate(monkeypatch, committed_database)
    (first,) = backups()
    call_command("migrate", "console", "0003_logcheck", database="owner", interactive=False, verbosity=0)
    (updating.backup_folder() / f".{first}.part").touch()
    done = update(committed_database)
    assert done.backup is not None
    assert (Path(done.backup.path).name, backups(), missing()) == (first, [first], 0)


def test_what_was_recorded_since_a_failed_update_is_backed_up_too(
    var: Path, committed_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("migrate", *BEFORE, database="owner", interactive=False, verbosity=0)
    fail_to_migrate(monkeypatch, committed_database)
    (first,) = backups()
    (updating.backup_folder() / first).rename(updating.backup_folder() / "before-update-20200101T000000Z.tar")
    record(organisation_id=PLATFORM, actor=Actor("system"), action="audit.read")
    update(committed_database)
    assert len(backups()) == 2


def test_without_a_backup_nothing_is_migrated(var: Path, committed_database: str) -> None:
    forget_a_migration()
    updating.backup_folder().write_text("a file where the folder should be")
    with pytest.raises(ConfigurationProblem, match=r"backup before them failed.*Nothing was changed"):
        update(committed_database)
    assert missing() == 1
