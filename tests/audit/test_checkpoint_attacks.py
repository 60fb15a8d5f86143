"""What can be done to the checkpoints themselves, to payloads and to several logs at once."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connections
from pytest_django import Settings

from llmasos.accounts.models import Organisation
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import checkpoints
from llmasos.audit.merkle import CompactRange
from llmasos.audit.models import Checkpoint
from llmasos.audit.notes import NOTHING, KeyIntroduction, Signer, Statement, installation_of, public_key, signed
from llmasos.audit.services import record, remove_payloads, sequence_all
from llmasos.audit.stores import readable_store
from llmasos.audit.types import PLATFORM, Actor, Ref
from llmasos.audit.verification import Verification, verify, verify_all
from llmasos.vault.services import destroy_key
from tests.audit.logs import attack, fill, rebuild

pytestmark = pytest.mark.usefixtures("committed_database")


def _found(verification: Verification) -> set[tuple[str, str, int, int]]:
    return {(one.kind, one.organisation, one.from_seq, one.to_seq) for one in verification.faults}


def _checkpointed(log: UUID) -> None:
    for size in (5, 4, 3):
        fill(log, size)
        checkpoints.make(log)


def _forget_outside(outside: Path, log: UUID, number: int) -> None:
    """Take one checkpoint out of the folder, as its owner can."""
    path = outside / f"{log}.notes"
    notes = re.split(r"(?m)^\n(?=llmasos/)", path.read_text())
    path.write_text("\n".join(note for note in notes if f"\nnumber {number}\n" not in note))


def _forge_checkpoints(log: UUID) -> list[str]:
    """Sign the log as it is with a key of the attacker's, and put key and checkpoints into the database."""
    seed = secrets.token_bytes(32)
    installation = installation_of(public_key(seed))
    signer = Signer(f"llmasos/{installation}", seed)
    introduction = KeyIntroduction(installation, 1, signer.verifier, "2026-01-01T00:00:00.000000Z", NOTHING)
    key = signed(introduction.text, signer)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT leaf_hash, chain_hash FROM audit_position WHERE organisation_id = %s ORDER BY seq", [log]
        )
        rows = cursor.fetchall()
    tree = CompactRange()
    for leaf, _ in rows:
        tree.append(bytes(leaf))
    statement = Statement(
        installation, log, tree.size, tree.root(), 1, 1, bytes(rows[-1][1]), "2026-11-24T00:00:00.000000Z",
        NOTHING, NOTHING,
    )  # fmt: skip
    note = signed(statement.text, signer)
    attack(
        "DELETE FROM audit_delivery",
        "DELETE FROM audit_checkpoint",
        "DELETE FROM audit_signingkey",
        "INSERT INTO audit_signingkey VALUES"
        f" ('{signer.verifier.fingerprint}', 1, '{signer.verifier}', '{key}', now())",
        "INSERT INTO audit_checkpoint (id, organisation_id, number, serial, size, root, chain_hash, note, created_at,"
        f" key_id) VALUES (gen_random_uuid(), '{log}', 1, 1, {tree.size}, '\\x{tree.root().hex()}',"
        f" '\\x{bytes(rows[-1][1]).hex()}', '{note}', now(), '{signer.verifier.fingerprint}')",
    )
    return [key, note]


def test_an_honest_log_with_a_rotated_key_has_no_fault(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    checkpoints.rotate_key()
    fill(organisation.pk, 5)
    checkpoints.make()
    sequence_all()
    found = verify_all()
    assert (found.ok, found.window.entries, len(found.keys)) == (True, 2, 2)


def test_a_chain_rebuilt_with_forged_checkpoints_and_a_forged_key_is_found(
    organisation: Organisation, outside: Path
) -> None:
    _checkpointed(organisation.pk)
    attack("UPDATE audit_entry SET outcome = 'denied'")
    rebuild(organisation.pk)
    _forge_checkpoints(organisation.pk)
    found = _found(verify_all())
    assert ("rebuilt", str(organisation.pk), 1, 12) in found
    assert ("checkpoint_missing", str(organisation.pk), 1, 12) in found


def test_a_key_pinned_by_the_operator_beats_a_forged_folder(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    key = verify(organisation.pk).keys[0]
    attack("UPDATE audit_entry SET outcome = 'denied'")
    rebuild(organisation.pk)
    introduction, note = _forge_checkpoints(organisation.pk)
    shutil.rmtree(outside)
    outside.mkdir()
    (outside / "keys.notes").write_text(introduction)
    (outside / f"{organisation.pk}.notes").write_text(note)
    assert verify(organisation.pk).ok
    assert {kind for kind, *_ in _found(verify(organisation.pk, pinned=[key]))} == {"checkpoint_missing"}


def test_a_copy_elsewhere_tells_when_database_and_folder_are_both_forged(
    organisation: Organisation, outside: Path, tmp_path: Path
) -> None:
    _checkpointed(organisation.pk)
    shutil.copytree(outside, tmp_path / "copy")
    attack("UPDATE audit_entry SET outcome = 'denied'")
    rebuild(organisation.pk)
    introduction, note = _forge_checkpoints(organisation.pk)
    shutil.rmtree(outside)
    outside.mkdir()
    (outside / "keys.notes").write_text(introduction)
    (outside / f"{organisation.pk}.notes").write_text(note)
    found = _found(verify_all(given=[readable_store(str(tmp_path / "copy"))]))
    assert ("rebuilt", str(organisation.pk), 1, 12) in found


def test_an_older_copy_of_the_checkpoints_is_no_fault(
    organisation: Organisation, outside: Path, tmp_path: Path
) -> None:
    _checkpointed(organisation.pk)
    shutil.copytree(outside, tmp_path / "copy")
    fill(organisation.pk, 3)
    checkpoints.make(organisation.pk)
    assert verify_all(given=[readable_store(str(tmp_path / "copy"))]).ok


@pytest.mark.parametrize(("number", "stretch"), [(1, (1, 5)), (2, (6, 9)), (3, (10, 12))])
def test_a_checkpoint_removed_from_the_database_is_missed(
    organisation: Organisation, outside: Path, number: int, stretch: tuple[int, int]
) -> None:
    _checkpointed(organisation.pk)
    attack("DELETE FROM audit_delivery", f"DELETE FROM audit_checkpoint WHERE number = {number}")
    assert _found(verify_all()) == {("checkpoint_missing", str(organisation.pk), *stretch)}


@pytest.mark.parametrize(("number", "stretch"), [(1, (1, 5)), (2, (6, 9)), (3, (10, 12))])
def test_a_checkpoint_removed_from_the_folder_outside_is_missed(
    organisation: Organisation, outside: Path, number: int, stretch: tuple[int, int]
) -> None:
    _checkpointed(organisation.pk)
    _forget_outside(outside, organisation.pk, number)
    assert _found(verify_all()) == {("checkpoint_missing", str(organisation.pk), *stretch)}


def test_a_checkpoint_removed_everywhere_leaves_a_gap(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    attack("DELETE FROM audit_delivery", "DELETE FROM audit_checkpoint WHERE number = 2")
    _forget_outside(outside, organisation.pk, 2)
    assert _found(verify_all()) == {("checkpoint_missing", str(organisation.pk), 6, 12)}


def test_all_checkpoints_of_a_log_removed_everywhere_leave_a_gap_in_the_installation_s_count(
    organisation: Organisation, other_organisation: Organisation, outside: Path
) -> None:
    _checkpointed(organisation.pk)
    _checkpointed(other_organisation.pk)
    attack(
        "DELETE FROM audit_delivery",
        f"DELETE FROM audit_checkpoint WHERE organisation_id = '{organisation.pk}'",
    )
    (outside / f"{organisation.pk}.notes").unlink()
    assert _found(verify_all()) == {("checkpoint_missing", str(PLATFORM), 1, 3)}


def test_the_whole_folder_removed_is_missed(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    shutil.rmtree(outside)
    assert _found(verify_all()) == {("checkpoint_missing", str(organisation.pk), 1, 12)}


@pytest.mark.parametrize(
    "change", ["size = size - 1", "root = sha256('x')", "chain_hash = sha256('x')", "note = replace(note, '9', '8')"]
)
def test_a_checkpoint_edited_in_the_database_is_found(organisation: Organisation, outside: Path, change: str) -> None:
    _checkpointed(organisation.pk)
    attack(f"UPDATE audit_checkpoint SET {change} WHERE number = 2")
    assert _found(verify_all()) == {("checkpoint_missing", str(organisation.pk), 6, 9)}


def test_a_forged_checkpoint_more_in_the_database_is_found(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    attack(
        "INSERT INTO audit_checkpoint (id, organisation_id, number, serial, size, root, chain_hash, note, created_at,"
        " key_id) SELECT gen_random_uuid(), organisation_id, 4, 99, size, root, chain_hash, note, created_at, key_id"
        " FROM audit_checkpoint WHERE number = 3"
    )
    assert {kind for kind, *_ in _found(verify_all())} == {"checkpoint_missing"}


def test_a_log_stays_missed_when_its_organisation_is_gone_too(
    organisation: Organisation, other_organisation: Organisation, outside: Path
) -> None:
    _checkpointed(organisation.pk)
    attack(
        "DELETE FROM audit_delivery",
        "DELETE FROM audit_checkpoint",
        "DELETE FROM audit_position",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_pending",
        f"DELETE FROM accounts_organisation WHERE id = '{organisation.pk}'",
    )
    assert ("log_missing", str(organisation.pk), 1, 12) in _found(verify_all())


def test_the_checkpoint_process_signs_no_second_history(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    attack("UPDATE audit_entry SET outcome = 'denied'")
    rebuild(organisation.pk)
    fill(organisation.pk, 2)
    checkpoints._trees.clear()
    checkpoints.make_due()
    with acting_in(organisation):
        assert Checkpoint.objects.count() == 3


def test_a_cut_log_is_not_signed_again_and_the_refusal_is_recorded(
    organisation: Organisation, outside: Path, settings: Settings
) -> None:
    settings.CHECKPOINT_ENTRIES = 1
    _checkpointed(organisation.pk)
    attack("DELETE FROM audit_position WHERE seq > 4", "DELETE FROM audit_pending")
    checkpoints.make_due()
    sequence_all()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT object_id FROM audit_entry WHERE action = 'audit.checkpoint_refused'")
        assert cursor.fetchall() == [(organisation.pk,)]


def test_the_installation_s_own_log_is_covered_too(organisation: Organisation, outside: Path) -> None:
    for _ in range(4):
        record(organisation_id=PLATFORM, actor=Actor("visitor"), action="audit.read")
    sequence_all()
    checkpoints.make()
    attack(f"UPDATE audit_entry SET outcome = 'denied' WHERE id = {_at(PLATFORM, 2)}")
    assert _found(verify_all()) == {("changed", str(PLATFORM), 2, 2)}


def test_a_position_moved_to_another_log_is_missed_in_one_and_found_in_the_other(
    organisation: Organisation, other_organisation: Organisation, outside: Path
) -> None:
    _checkpointed(organisation.pk)
    _checkpointed(other_organisation.pk)
    attack(
        f"UPDATE audit_position SET organisation_id = '{other_organisation.pk}', seq = 13"
        f" WHERE organisation_id = '{organisation.pk}' AND seq = 4"
    )
    assert _found(verify_all()) == {
        ("deleted", str(organisation.pk), 4, 4),
        ("inserted", str(other_organisation.pk), 13, 13),
    }


def test_an_entry_kept_from_the_log_is_found(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    fill(organisation.pk, 2, sequence=False)
    attack("DELETE FROM audit_pending")
    assert ("cut_tail", str(organisation.pk), 13, 14) in _found(verify(organisation.pk))


def test_an_entry_that_is_there_twice_is_found(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    attack(
        "ALTER TABLE audit_position DROP CONSTRAINT audit_position_pkey CASCADE",
        "ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_pkey CASCADE",
        f"INSERT INTO audit_entry SELECT * FROM audit_entry WHERE id = {_at(organisation.pk, 4)}",
    )
    assert _found(verify(organisation.pk)) == {("inserted", str(organisation.pk), 4, 4)}


def test_an_entry_placed_a_second_time_is_found(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    attack(
        "ALTER TABLE audit_position DROP CONSTRAINT audit_position_pkey CASCADE",
        "INSERT INTO audit_position (entry_id, organisation_id, seq, previous_hash, leaf_hash, chain_hash,"
        " sequenced_at) SELECT entry_id, organisation_id, 13, previous_hash, leaf_hash, chain_hash, sequenced_at"
        f" FROM audit_position WHERE organisation_id = '{organisation.pk}' AND seq = 4",
    )
    assert ("inserted", str(organisation.pk), 13, 13) in _found(verify(organisation.pk))


def test_the_ids_of_two_entries_swapped_are_found(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    attack(
        "CREATE TEMP TABLE pair AS SELECT entry_id, 9 - seq AS seq FROM audit_position WHERE seq IN (4, 5)",
        "ALTER TABLE audit_position DROP CONSTRAINT audit_position_pkey",
        "UPDATE audit_position p SET entry_id = pair.entry_id FROM pair WHERE p.seq = pair.seq"
        f" AND p.organisation_id = '{organisation.pk}'",
        "DROP TABLE pair",
    )
    assert _found(verify(organisation.pk)) == {("reordered", str(organisation.pk), 4, 5)}


def test_the_limit_is_the_window_and_the_report_says_so(organisation: Organisation, outside: Path) -> None:
    _checkpointed(organisation.pk)
    fill(organisation.pk, 4)
    attack(f"UPDATE audit_entry SET outcome = 'denied' WHERE id = {_at(organisation.pk, 14)}")
    rebuild(organisation.pk)
    found = verify(organisation.pk)
    assert found.ok
    assert found.as_json()["window"]["entries"] == 4
    with acting_in(organisation):
        assert found.window.since.startswith(f"{Checkpoint.objects.get(number=3).created_at:%Y-%m-%dT%H:%M}")


SWAPS = (
    "UPDATE audit_payload SET ciphertext = sha256('x')",
    "UPDATE audit_payload SET subject_id = gen_random_uuid()",
    "UPDATE audit_payload SET recorded_at = recorded_at + interval '1 day'",
    "DELETE FROM audit_payload",
    "UPDATE audit_payload p SET ciphertext = o.ciphertext FROM audit_payload o WHERE o.entry_id <> p.entry_id",
    (
        "UPDATE audit_payload SET entry_id = (SELECT entry_id FROM audit_position WHERE organisation_id = '{log}'"
        " AND seq = 1) WHERE entry_id = (SELECT min(entry_id::text)::uuid FROM audit_payload)"
    ),
)


@pytest.mark.parametrize("swap", SWAPS)
def test_a_swapped_payload_is_found(organisation: Organisation, outside: Path, swap: str) -> None:
    fill(organisation.pk, 1)
    for name in ("one", "other"):
        _with_payload(organisation, Ref("patient", uuid4()), name)
    fill(organisation.pk, 1)
    checkpoints.make(organisation.pk)
    attack(swap.format(log=organisation.pk))
    found = verify(organisation.pk).faults
    assert {fault.kind for fault in found} == {"payload_swapped"}


def test_an_erased_payload_is_no_swapped_one(organisation: Organisation, outside: Path) -> None:
    subject = Ref("patient", uuid4())
    assert subject.id is not None
    _with_payload(organisation, subject, "reason")
    fill(organisation.pk, 2)
    checkpoints.make(organisation.pk)
    with acting_in(organisation):
        destroy_key(organisation_id=organisation.pk, subject_kind=subject.kind, subject_id=subject.id)
    assert verify(organisation.pk).ok
    with acting_in(organisation):
        remove_payloads(organisation_id=organisation.pk, actor=Actor("system"), subject=subject)
    sequence_all()
    assert verify(organisation.pk).ok


def test_a_removal_of_one_subject_s_payloads_excuses_no_other(organisation: Organisation, outside: Path) -> None:
    leaver, stayer = Ref("patient", uuid4()), Ref("patient", uuid4())
    _with_payload(organisation, leaver, "reason")
    _with_payload(organisation, stayer, "reason")
    with acting_in(organisation):
        remove_payloads(organisation_id=organisation.pk, actor=Actor("system"), subject=leaver)
    sequence_all()
    attack("DELETE FROM audit_payload")
    assert _found(verify(organisation.pk)) == {("payload_swapped", str(organisation.pk), 2, 2)}


def _with_payload(organisation: Organisation, subject: Ref, reason: str) -> None:
    with acting_in(organisation):
        record(
            organisation_id=organisation.pk,
            actor=Actor("person", uuid4()),
            action="audit.read",
            subject=subject,
            payload={"reason": reason},
        )
    sequence_all()


def _at(log: UUID, seq: int) -> str:
    return f"(SELECT entry_id FROM audit_position WHERE organisation_id = '{log}' AND seq = {seq})"
