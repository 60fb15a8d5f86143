from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections

from llmasos.accounts.models import Organisation
from llmasos.audit import canonical
from llmasos.audit.verification import verify
from tests.audit.logs import attack, fill

pytestmark = pytest.mark.usefixtures("committed_database")


def _faults(organisation: Organisation) -> list[tuple[str, int, int]]:
    return [(fault.kind, fault.from_seq, fault.to_seq) for fault in verify(organisation.pk).faults]


def test_an_honest_log_has_no_fault(organisation: Organisation) -> None:
    fill(organisation.pk, 30)
    fill(organisation.pk, 2, sequence=False)
    found = verify(organisation.pk)
    assert (found.ok, found.entries, found.unsequenced) == (True, 30, 2)


@pytest.mark.parametrize(
    "change",
    [
        "action = 'accounts.signed_in'",
        "outcome = 'denied'",
        "actor_id = NULL",
        "recorded_at = recorded_at - interval '1 microsecond'",
        "digests = '{\"number\": 99}'",
        "subject_kind = 'student'",
    ],
)
def test_a_changed_entry_is_found(organisation: Organisation, change: str) -> None:
    fill(organisation.pk, 6)
    attack(f"UPDATE audit_entry SET {change} WHERE id = (SELECT entry_id FROM audit_position WHERE seq = 3)")
    assert _faults(organisation) == [("changed", 3, 3)]


def test_a_changed_entry_with_a_fresh_digest_is_found(organisation: Organisation) -> None:
    fill(organisation.pk, 6)
    third = "(SELECT entry_id FROM audit_position WHERE seq = 3)"
    attack(f"UPDATE audit_entry SET digest = sha256('forged') WHERE id = {third}")
    assert _faults(organisation) == [("changed", 3, 3)]


def test_a_deleted_entry_is_found(organisation: Organisation) -> None:
    fill(organisation.pk, 6)
    attack(
        "CREATE TABLE gone AS SELECT entry_id FROM audit_position WHERE seq IN (3, 4)",
        "DELETE FROM audit_position WHERE seq IN (3, 4)",
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM gone)",
    )
    assert _faults(organisation) == [("deleted", 3, 4)]


def test_an_inserted_entry_is_found(organisation: Organisation) -> None:
    fill(organisation.pk, 6)
    fill(organisation.pk, 1, sequence=False)
    previous, entry_id, digest, moment = _row(
        "SELECT p.chain_hash, e.id, e.digest, (extract(epoch FROM p.sequenced_at) * 1000000)::bigint"
        " FROM audit_position p, audit_pending w JOIN audit_entry e ON e.id = w.entry_id WHERE p.seq = 3"
    )
    leaf = canonical.leaf_hash(bytes(digest))
    chain = canonical.chain_hash(previous=bytes(previous), leaf=leaf, sequenced_at=moment)
    attack(
        "UPDATE audit_position SET seq = seq + 1 WHERE seq > 3",
        "INSERT INTO audit_position"
        " (entry_id, organisation_id, seq, previous_hash, leaf_hash, chain_hash, sequenced_at)"
        f" SELECT '{entry_id}', organisation_id, 4, chain_hash, '\\x{leaf.hex()}', '\\x{chain.hex()}', sequenced_at"
        " FROM audit_position WHERE seq = 3",
    )
    assert _faults(organisation) == [("inserted", 4, 4)]


def test_swapped_positions_are_found(organisation: Organisation) -> None:
    fill(organisation.pk, 6)
    attack("UPDATE audit_position SET seq = 7 - seq WHERE seq IN (3, 4)")
    assert [kind for kind, *_ in _faults(organisation)] == ["reordered"]


def test_entries_swapped_between_positions_are_found(organisation: Organisation) -> None:
    fill(organisation.pk, 6)
    third, fourth = (_row(f"SELECT entry_id FROM audit_position WHERE seq = {seq}")[0] for seq in (3, 4))
    attack(
        "ALTER TABLE audit_position DROP CONSTRAINT audit_position_pkey",
        f"UPDATE audit_position SET entry_id = CASE seq WHEN 3 THEN '{fourth}'::uuid ELSE '{third}'::uuid END"
        " WHERE seq IN (3, 4)",
    )
    assert _faults(organisation) == [("reordered", 3, 4)]


def test_entries_that_lost_their_positions_are_found(organisation: Organisation) -> None:
    fill(organisation.pk, 6)
    attack("DELETE FROM audit_position WHERE seq > 4")
    assert _faults(organisation) == [("cut_tail", 5, 6)]


def test_a_time_put_back_is_found(organisation: Organisation) -> None:
    fill(organisation.pk, 3)
    attack("UPDATE audit_position SET sequenced_at = sequenced_at - interval '1 hour' WHERE seq = 3")
    assert ("clock_back", 3, 3) in _faults(organisation)


def test_the_command_lists_faults_and_exits_with_one(organisation: Organisation) -> None:
    fill(organisation.pk, 3)
    attack("UPDATE audit_entry SET outcome = 'denied'")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify", "--organisation", organisation.slug, "--json", stdout=out)
    printed = json.loads(out.getvalue())
    assert ended.value.code == 1
    assert printed["faults"] == [
        {"kind": "changed", "organisation": str(organisation.pk), "from_seq": 1, "to_seq": 3, "since": ""}
    ]


def test_the_owner_too_is_denied_while_the_triggers_are_on(organisation: Organisation) -> None:
    fill(organisation.pk, 1)
    statements = ("UPDATE audit_entry SET outcome = ''", "DELETE FROM audit_position", "TRUNCATE audit_entry CASCADE")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), connections["owner"].cursor() as cursor:
            cursor.execute(statement)


def _row(query: str) -> tuple:  # type: ignore[type-arg]
    with connections["owner"].cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchone()
    assert found is not None
    return found


def test_a_number_given_twice_is_a_fork(organisation: Organisation) -> None:
    fill(organisation.pk, 6)
    attack("UPDATE audit_position SET seq = 3 WHERE seq = 4")
    assert ("fork", 3, 3) in _faults(organisation)


def test_a_long_log_is_read_in_stretches(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmasos.audit.diagnosis._ROWS", 4)
    monkeypatch.setattr("llmasos.audit.sweep.STRETCH", 4)
    fill(organisation.pk, 9)
    attack("UPDATE audit_entry SET outcome = 'denied' WHERE id = (SELECT entry_id FROM audit_position WHERE seq = 8)")
    assert (verify(organisation.pk).entries, _faults(organisation)) == (9, [("changed", 8, 8)])
