from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django.fixtures import Settings as SettingsWrapper

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import checkpoints, merkle
from llmasos.audit.errors import UnprovableError
from llmasos.audit.models import Entry
from llmasos.audit.proofs import Inclusion, prove_consistency, prove_entry
from llmasos.audit.standalone import llmasos_verify
from llmasos.audit.types import Actor
from tests.audit.logs import fill

SYSTEM = Actor("system")


@pytest.fixture
def log(organisation: Organisation, settings: SettingsWrapper, tmp_path: Path) -> Organisation:
    """A log of ten entries, seven of them under the second of two checkpoints."""
    settings.CHECKPOINT_KEY_FOLDER, settings.CHECKPOINT_FOLDER = tmp_path / "keys", tmp_path / "outside"
    for count in (3, 4):
        fill(organisation.pk, count)
        checkpoints.make(organisation.pk)
    fill(organisation.pk, 3)
    return organisation


def holds(found: Inclusion) -> bool:
    return merkle.verify_inclusion(
        leaf=found.leaf, index=found.seq - 1, size=found.size, proof=found.path, root=found.root
    )


def test_an_entry_is_proved_under_the_last_checkpoint(log: Organisation) -> None:
    found = prove_entry(organisation_id=log.pk, actor=SYSTEM, entry=2)
    assert (found.holds, found.number, found.size, holds(found)) == (True, 2, 7, True)


def test_an_entry_is_found_by_its_id(log: Organisation) -> None:
    first = prove_entry(organisation_id=log.pk, actor=SYSTEM, entry=2)
    assert prove_entry(organisation_id=log.pk, actor=SYSTEM, entry=first.entry_id) == first


def test_an_entry_is_proved_under_an_older_checkpoint(log: Organisation) -> None:
    found = prove_entry(organisation_id=log.pk, actor=SYSTEM, entry=2, checkpoint=1)
    assert (found.holds, found.size, holds(found)) == (True, 3, True)


@pytest.mark.parametrize(
    ("entry", "checkpoint", "why"),
    [(8, None, "wait for the next"), (5, 1, "covers 3"), (11, None, "no entry 11"), (1, 9, "no checkpoint 9")],
)
def test_what_cannot_be_proved_says_why(log: Organisation, entry: int, checkpoint: int | None, why: str) -> None:
    with pytest.raises(UnprovableError, match=why):
        prove_entry(organisation_id=log.pk, actor=SYSTEM, entry=entry, checkpoint=checkpoint)


def test_a_log_without_checkpoints_proves_nothing(organisation: Organisation) -> None:
    fill(organisation.pk, 1)
    with pytest.raises(UnprovableError, match="no checkpoint yet"):
        prove_entry(organisation_id=organisation.pk, actor=SYSTEM, entry=1)


def test_another_organisations_entry_is_not_there(log: Organisation, other_organisation: Organisation) -> None:
    (foreign,) = fill(other_organisation.pk, 1)
    with pytest.raises(UnprovableError, match="no entry"):
        prove_entry(organisation_id=log.pk, actor=SYSTEM, entry=foreign)


@pytest.mark.usefixtures("committed_database")
def test_a_log_that_is_not_what_was_signed_gives_no_proof_that_holds(log: Organisation) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_position DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_position SET leaf_hash = sha256('other') WHERE seq = 6")
        cursor.execute("ALTER TABLE audit_position ENABLE TRIGGER USER")
    assert not prove_entry(organisation_id=log.pk, actor=SYSTEM, entry=2).holds
    assert not prove_consistency(organisation_id=log.pk, actor=SYSTEM, first=3, second=7).holds


def test_states_of_a_log_are_proved_to_agree(log: Organisation) -> None:
    found = prove_consistency(organisation_id=log.pk, actor=SYSTEM, first=3, second=10)
    assert found.holds
    assert merkle.verify_consistency(
        first=3, second=10, first_root=found.first_root, second_root=found.second_root, proof=found.path
    )


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3), (3, 11)])
def test_states_that_the_log_never_had_are_refused(log: Organisation, first: int, second: int) -> None:
    with pytest.raises(UnprovableError):
        prove_consistency(organisation_id=log.pk, actor=SYSTEM, first=first, second=second)


def test_a_proof_is_recorded(log: Organisation) -> None:
    found = prove_entry(organisation_id=log.pk, actor=SYSTEM, entry=2)
    with acting_in(log):
        entry = Entry.objects.get(action="audit.proved")
    assert (entry.object_id, entry.digests) == (found.entry_id, {"seq": 2, "checkpoint": 2})


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("audit", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_proves_an_entry(log: Organisation) -> None:
    found = json.loads(run("prove", "--organisation", log.slug, "--entry", "2", "--json"))
    assert (found["holds"], found["seq"], found["checkpoint"]) == (True, 2, 2)
    assert "Entry 2 " in run("prove", "--organisation", log.slug, "--entry", found["entry"])


def test_the_command_proves_consistency(log: Organisation) -> None:
    found = json.loads(run("prove", "--organisation", log.slug, "--consistency", "3", "7", "--json"))
    assert found["holds"]


@pytest.mark.parametrize("entry", ["99", "nothing", str(UUID(int=0))])
def test_the_command_says_what_it_cannot_prove(log: Organisation, entry: str) -> None:
    with pytest.raises(CommandError):
        run("prove", "--organisation", log.slug, "--entry", entry)


def test_the_command_writes_a_bundle_that_verifies(log: Organisation, tmp_path: Path) -> None:
    out = tmp_path / "log.bundle"
    about = json.loads(run("export", "--organisation", log.slug, "--out", str(out), "--json"))
    with out.open() as lines:
        report = llmasos_verify.verify(lines)
    assert (report.faults, report.entries, about["to"], about["bytes"]) == ([], 10, 10, out.stat().st_size)


def test_the_installations_own_log_is_exported_too(log: Organisation, tmp_path: Path) -> None:
    out = tmp_path / "log.csv"
    run("export", "--platform", "--format", "csv", "--out", str(out))
    assert out.read_text().startswith("seq,")


def test_json_about_an_export_needs_a_file(log: Organisation) -> None:
    with pytest.raises(CommandError, match="needs --out"):
        run("export", "--organisation", log.slug, "--json")
