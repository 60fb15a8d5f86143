from __future__ import annotations

import hashlib
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import checkpoints, verification
from llmasos.audit.types import PLATFORM, Ref
from llmasos.privacy import key_rotation, services
from llmasos.runtime import guard, locations
from llmasos.runtime.backup import database as backup_database
from llmasos.runtime.locations import ConfigurationProblem
from llmasos.vault import keys
from support_bot.models import Message, Visitor
from support_bot.services import store_message
from support_bot.visitors import add_visitor
from tests import databases
from tests.audit.logs import fill
from tests.canaries import in_database, in_files, make_canary
from tests.runtime.backup.conftest import OpenMachine, back_up, carry_keys, owner_url, restore

if TYPE_CHECKING:
    from llmasos.accounts.principals import Principal

pytestmark = pytest.mark.usefixtures("valkey")


def say(organisation: Organisation, text: str) -> Visitor:
    from support_bot.models import Site

    with acting_in(organisation):
        site = Site.objects.first() or Site.objects.create(organisation=organisation, name="Help")
        visitor, _ = add_visitor(site)
        store_message(visitor, client_id=uuid4(), text=text, language="en")
    return visitor


def texts(organisation: Organisation) -> set[str]:
    with acting_in(organisation):
        return {message.text for message in Message.objects.all()} - {""}


def row_counts(database: str) -> dict[str, int]:
    with psycopg.connect(owner_url(database)) as owner:
        names = [row[0] for row in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        count = sql.SQL("SELECT count(*) FROM {}")
        statements = {name: count.format(sql.Identifier(name)) for name in sorted(names)}
        found = {name: owner.execute(query).fetchone() for name, query in statements.items()}
        return {name: row[0] for name, row in found.items() if row}


def rights(database: str) -> list[tuple[str, ...]]:
    """What the application's role may do, and what row security and triggers hold it to."""
    with psycopg.connect(owner_url(database)) as owner:
        return sorted(
            owner.execute(
                "SELECT 'grant', table_name, privilege_type FROM information_schema.table_privileges"
                " WHERE grantee = %s UNION ALL SELECT 'policy', tablename, policyname FROM pg_policies"
                " UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname || tgenabled::text FROM pg_trigger"
                " WHERE NOT tgisinternal UNION ALL SELECT 'constraint', conrelid::regclass::text,"
                " conname::text || pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE connamespace = 'public'::regnamespace"
                " UNION ALL SELECT 'index', tablename, indexname FROM pg_indexes WHERE schemaname = 'public'",
                [locations.APP_ROLE],
            ).fetchall()
        )


def test_a_backup_brings_everything_back_into_an_empty_system(
    committed_database: str, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    with machine("old") as old:
        say(organisation, "Where is my parcel?\nIt has\ttabs and \\backslashes")
        (old / "uploads" / "ab").mkdir(parents=True)
        (old / "uploads" / "ab" / "original").write_bytes(b"\0original\xff")
        fill(organisation.pk, 5)
        checkpoints.make()
        made = back_up(tmp_path / "b.tar", committed_database)
        said, counted, held = texts(organisation), row_counts(committed_database), rights(committed_database)
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        with psycopg.connect(owner_url(database)) as owner:
            backup_database.empty(owner)
        done = restore(tmp_path / "b.tar", database, without_journal=True)
        assert done.faults == []
        assert done.manifest == made.digest
        assert texts(organisation) == said
        assert (new / "uploads" / "ab" / "original").read_bytes() == b"\0original\xff"
        assert rights(database) == held
        after = row_counts(database)
        for table in ("accounts_person", "support_bot_message", "vault_subjectkey", "django_migrations"):
            assert after[table] == counted[table]
        with acting_in(organisation):
            say(organisation, "The sequences go on")
        assert not guard.restore_mark(new).exists()


def test_who_was_erased_since_is_erased_again(
    committed_database: str, officer: Principal, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    canary, kept = make_canary(), make_canary()
    with machine("old") as old:
        gone, before = say(organisation, f"I am {canary}"), say(organisation, "erased before")
        say(organisation, f"I am {kept}")
        services.erase_now(officer, Ref("visitor", before.pk))
        back_up(tmp_path / "b.tar", committed_database)
        services.erase_now(officer, Ref("visitor", gone.pk))
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        done = restore(tmp_path / "b.tar", database, erasures=old / "journal" / "erasures.jsonl")
        assert (done.erased_again, done.faults) == (1, [])
        assert texts(organisation) == {f"I am {kept}"}
        with acting_in(organisation):
            assert not Visitor.objects.filter(pk=gone.pk).exists()
        assert in_database([canary, str(gone.pk)], url=owner_url(database)) == [
            f"{gone.pk}: {table}"
            for table in ("public.audit_entry", "public.privacy_erasure", "public.vault_subjectkey")
        ]
        assert in_files([canary], folder=new) == []
        # The journal came along, so that the next backup of this machine goes on with it.
        assert (new / "journal" / "erasures.jsonl").read_bytes() == (old / "journal" / "erasures.jsonl").read_bytes()


def test_without_the_journal_of_erasures_nothing_is_restored(
    committed_database: str, officer: Principal, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    with machine("old") as old:
        gone = say(organisation, "before")
        services.erase_now(officer, Ref("visitor", gone.pk))
        back_up(tmp_path / "b.tar", committed_database)
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        other = tmp_path / "other.jsonl"
        other.write_bytes(b"")
        for journal in (None, other, other.parent):
            with pytest.raises(ConfigurationProblem, match="journal of erasures"):
                restore(tmp_path / "b.tar", database, erasures=journal)
        assert row_counts(database)["accounts_organisation"] == 0


def test_a_system_that_is_not_empty_is_left_alone(
    committed_database: str, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    with machine("old"):
        say(organisation, "first")
        back_up(tmp_path / "b.tar", committed_database)
        say(organisation, "second")
        with pytest.raises(ConfigurationProblem, match="not empty"):
            restore(tmp_path / "b.tar", committed_database, without_journal=True)
        assert texts(organisation) == {"first", "second"}
        restore(tmp_path / "b.tar", committed_database, without_journal=True, replace=True)
        assert texts(organisation) == {"first"}


def test_a_retired_key_closes_the_backups_from_before(
    committed_database: str, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    with machine("old") as old:
        say(organisation, "Hello")
        back_up(tmp_path / "before.tar", committed_database)
        key = keys.current_key_id()
        key_rotation.rotate()
        key_rotation.retire(key, seconds_since_current=None)
        back_up(tmp_path / "after.tar", committed_database)
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        with pytest.raises(ConfigurationProblem, match=key):
            restore(tmp_path / "before.tar", database, without_journal=True)
        restore(tmp_path / "after.tar", database, without_journal=True)
        assert texts(organisation) == {"Hello"}


def test_a_backup_holds_no_key(
    committed_database: str, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    with machine("old") as old:
        say(organisation, "Hello")
        fill(organisation.pk, 1)
        checkpoints.make()
        back_up(tmp_path / "b.tar", committed_database)
        secrets = [keys.key_encryption_key(key_id).hex() for key_id in keys.key_ids()]
        secrets += [file.read_text().strip() for file in (old / "secrets" / "keys").glob("*.key")]
        secrets.append((old / "checkpoint-keys" / "key").read_text().strip())
    with tarfile.open(tmp_path / "b.tar") as tar:
        tar.extractall(tmp_path / "out", filter="data")
    assert in_files(secrets, folder=tmp_path / "out") == []
    assert not any("secret" in name or name.endswith((".key", "/key")) for name in _names(tmp_path / "out"))


def _names(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*")]


def test_the_log_goes_on_under_the_key_that_was_put_back(
    committed_database: str, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    with machine("old") as old:
        fill(organisation.pk, 5)
        checkpoints.make()
        back_up(tmp_path / "b.tar", committed_database)
        fill(organisation.pk, 3)
        checkpoints.make()
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        shutil.copytree(old / "checkpoint-keys", new / "checkpoint-keys")
        done = restore(tmp_path / "b.tar", database, without_journal=True)
        assert (done.faults, done.aside) == ([], "")
        fill(organisation.pk, 2)
        checkpoints.make()
        found = verification.verify_all()
        assert found.ok, found.faults


def test_without_that_key_a_new_one_begins_and_the_old_checkpoints_are_put_aside(
    committed_database: str, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    with machine("old") as old:
        fill(organisation.pk, 5)
        checkpoints.make()
        back_up(tmp_path / "b.tar", committed_database)
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        done = restore(tmp_path / "b.tar", database, without_journal=True)
        assert (Path(done.aside) / f"{organisation.pk}.notes").exists()
        fill(organisation.pk, 2)
        checkpoints.make()
        found = verification.verify_all()
        assert found.ok, found.faults


def test_a_log_that_was_altered_in_the_database_is_not_served(
    committed_database: str, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    with machine("old") as old:
        fill(organisation.pk, 5)
        checkpoints.make()
        with psycopg.connect(owner_url(committed_database)) as owner:
            owner.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
            owner.execute("UPDATE audit_entry SET outcome = 'denied' WHERE organisation_id = %s", [organisation.pk])
        back_up(tmp_path / "b.tar", committed_database)
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        done = restore(tmp_path / "b.tar", database, without_journal=True)
        assert {fault["kind"] for fault in done.faults} == {"changed"}
        with pytest.raises(ConfigurationProblem, match="not finished"):
            guard.require_finished_restore(new)


def test_the_application_role_is_still_held_after_a_restore(
    committed_database: str, organisation: Organisation, owner: Person, machine: OpenMachine, tmp_path: Path
) -> None:
    with machine("old") as old:
        back_up(tmp_path / "b.tar", committed_database)
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        restore(tmp_path / "b.tar", database, without_journal=True)
        assert not Organisation.objects.exists()
        with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_entry")
        with acting_in(organisation):
            assert Organisation.objects.count() == 1


def test_the_backup_and_the_restore_are_recorded(
    committed_database: str, organisation: Organisation, machine: OpenMachine, tmp_path: Path
) -> None:
    from llmasos.audit.models import Entry
    from llmasos.audit.scope import log_of

    with machine("old") as old:
        say(organisation, "Hello")
        digest = back_up(tmp_path / "b.tar", committed_database).digest
        with log_of(PLATFORM):
            assert Entry.objects.get(action="runtime.backup_made").digests["manifest"] == digest
    with machine("new") as new, databases.own_database() as database:
        carry_keys(old, new)
        restore(tmp_path / "b.tar", database, without_journal=True)
        with log_of(PLATFORM):
            assert Entry.objects.get(action="runtime.backup_restored").digests["manifest"] == digest
    content = (tmp_path / "b.tar").read_bytes()
    assert digest == hashlib.sha256(content[content.rindex(b'{\n "checkpoint_serial"') :].rstrip(b"\0")).hexdigest()
