"""What the database's owner can do to a log with the triggers off, and that each of it is found and named."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from llmasos.accounts.models import Organisation
from llmasos.audit import checkpoints
from llmasos.audit.faults import Fault
from llmasos.audit.verification import verify_all
from tests.audit.logs import attack, fill, rebuild

pytestmark = pytest.mark.usefixtures("committed_database", "outside")

SIZES = (8, 14, 20)
ENTRY = "(SELECT entry_id FROM audit_position WHERE organisation_id = '{log}' AND seq = {seq})"
Attack = Callable[[UUID], None]


def _checkpointed(log: UUID, *, window: int = 3) -> None:
    """Three checkpoints, at 8, 14 and 20 entries, and a few entries after the last."""
    before = 0
    for size in SIZES:
        fill(log, size - before)
        checkpoints.make(log)
        before = size
    fill(log, window)


def _sql(*statements: str) -> Attack:
    def run(log: UUID) -> None:
        entries = {f"e{seq}": ENTRY.format(log=log, seq=seq) for seq in range(1, 24)}
        attack(*(statement.format(log=log, **entries) for statement in statements))

    return run


def _rebuilt(*statements: str) -> Attack:
    def run(log: UUID) -> None:
        _sql(*statements)(log)
        rebuild(log)

    return run


def _renumber(log: UUID, first: int, by: int) -> None:
    attack(
        f"UPDATE audit_position SET seq = seq + 1000 WHERE organisation_id = '{log}' AND seq >= {first}",
        f"UPDATE audit_position SET seq = seq - 1000 + {by} WHERE organisation_id = '{log}' AND seq >= 1000",
    )


def _delete(log: UUID, first: int, last: int) -> None:
    attack(
        f"CREATE TEMP TABLE gone AS SELECT entry_id FROM audit_position WHERE organisation_id = '{log}'"
        f" AND seq BETWEEN {first} AND {last}",
        "DELETE FROM audit_position WHERE entry_id IN (SELECT entry_id FROM gone)",
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM gone)",
        "DROP TABLE gone",
    )


def _deleted_and_renumbered(log: UUID) -> None:
    _delete(log, 5, 6)
    _renumber(log, 7, -2)


def _deleted_and_rebuilt(log: UUID) -> None:
    _deleted_and_renumbered(log)
    rebuild(log)


def _new_entries(log: UUID, count: int) -> list[UUID]:
    made = fill(log, count, sequence=False)
    attack(f"DELETE FROM audit_pending WHERE organisation_id = '{log}'")
    return made


def _place(log: UUID, entry_id: UUID, seq: int, *, behind: str = "") -> None:
    """Give an entry a place that is well linked to the one before (or to that of the entry ``behind``)."""
    attack(
        "INSERT INTO audit_position"
        " (entry_id, organisation_id, seq, previous_hash, leaf_hash, chain_hash, sequenced_at)"
        f" SELECT e.id, '{log}', {seq}, p.chain_hash, sha256('\\x00'::bytea || e.digest),"
        " sha256('\\x02'::bytea || p.chain_hash || sha256('\\x00'::bytea || e.digest)"
        "   || int8send((extract(epoch FROM p.sequenced_at) * 1000000)::bigint)), p.sequenced_at"
        f" FROM audit_entry e, audit_position p WHERE e.id = '{entry_id}' AND p.organisation_id = '{log}'"
        + (f" AND p.entry_id = '{behind}'" if behind else f" AND p.seq = {seq - 1}")
    )


def _inserted(log: UUID) -> None:
    (entry_id,) = _new_entries(log, 1)
    _renumber(log, 5, 1)
    _place(log, entry_id, 5)


def _inserted_and_rebuilt(log: UUID) -> None:
    _inserted(log)
    rebuild(log)


def _moved(log: UUID) -> None:
    """Entry 3 goes to place 9, and those between move up."""
    attack(
        f"UPDATE audit_position SET seq = 1000 WHERE organisation_id = '{log}' AND seq = 3",
        f"UPDATE audit_position SET seq = seq - 1 WHERE organisation_id = '{log}' AND seq BETWEEN 4 AND 9",
        f"UPDATE audit_position SET seq = 9 WHERE organisation_id = '{log}' AND seq = 1000",
    )


def _moved_and_rebuilt(log: UUID) -> None:
    _moved(log)
    rebuild(log)


def _cut(log: UUID) -> None:
    _delete(log, 18, 1000)


def _cut_and_regrown(log: UUID) -> None:
    _delete(log, 12, 1000)
    fill(log, 12)


def _second_history(log: UUID) -> None:
    """Beside the log a branch from entry 10 on."""
    first, second = _new_entries(log, 2)
    _place(log, first, 11)
    _place(log, second, 12, behind=str(first))


def _everything_new(log: UUID) -> None:
    _delete(log, 1, 1000)
    fill(log, 23)


def _log_gone(log: UUID) -> None:
    _delete(log, 1, 1000)
    attack(
        f"DELETE FROM audit_entry WHERE organisation_id = '{log}'",
        f"DELETE FROM audit_pending WHERE organisation_id = '{log}'",
        f"DELETE FROM audit_delivery WHERE organisation_id = '{log}'",
        f"DELETE FROM audit_checkpoint WHERE organisation_id = '{log}'",
    )


def _log_gone_and_begun_again(log: UUID) -> None:
    _log_gone(log)
    fill(log, 2)


def _clock_put_back_and_rebuilt(log: UUID) -> None:
    attack(
        f"UPDATE audit_position SET sequenced_at = sequenced_at - interval '2 hours' WHERE organisation_id = '{log}'"
    )
    rebuild(log)


LOG_GONE = {"log_missing", "checkpoint_missing"}
ATTACKS: dict[str, tuple[Attack, set[str], tuple[str, int, int]]] = {
    "content": (_sql("UPDATE audit_entry SET outcome = 'denied' WHERE id = {e5}"), {"changed"}, ("changed", 5, 5)),
    "request id": (_sql("UPDATE audit_entry SET request_id = 'x' WHERE id = {e5}"), {"changed"}, ("changed", 5, 5)),
    "digest column": (
        _sql("UPDATE audit_entry SET digest = sha256('x') WHERE id = {e5}"),
        {"changed"},
        ("changed", 5, 5),
    ),
    "blank in a digest": (
        _sql("UPDATE audit_entry SET digests = replace(digests::text, 'abab', 'a, bab')::jsonb WHERE id = {e5}"),
        {"changed"},
        ("changed", 5, 5),
    ),
    "digests without end": (
        _sql("UPDATE audit_entry SET digests = (repeat('[', 5000) || repeat(']', 5000))::jsonb WHERE id = {e5}"),
        {"changed"},
        ("changed", 5, 5),
    ),
    "number without end": (
        _sql("UPDATE audit_entry SET digests = ('[' || repeat('9', 5000) || ']')::jsonb WHERE id = {e5}"),
        {"changed"},
        ("changed", 5, 5),
    ),
    "signs that part fields": (
        _sql(
            "UPDATE audit_entry SET actor_role = '', action = 'agent' || chr(9) || action WHERE id = {e5}",
            "UPDATE audit_entry SET request_id = 'x' || chr(10) || 'y' WHERE id = {e9}",
        ),
        {"changed"},
        ("changed", 9, 9),
    ),
    "quotation marks that close a field": (
        _sql('UPDATE audit_entry SET purpose = \'a","purpose":"b\' WHERE id = {e5}'),
        {"changed"},
        ("changed", 5, 5),
    ),
    "first entry": (_sql("UPDATE audit_entry SET action = 'x.y' WHERE id = {e1}"), {"changed"}, ("changed", 1, 1)),
    "on a checkpoint": (
        _sql("UPDATE audit_entry SET action = 'x.y' WHERE id = {e8}"),
        {"changed"},
        ("changed", 8, 8),
    ),
    "after a checkpoint": (
        _sql("UPDATE audit_entry SET action = 'x.y' WHERE id = {e9}"),
        {"changed"},
        ("changed", 9, 9),
    ),
    "stored leaf": (
        _sql("UPDATE audit_position SET leaf_hash = sha256('x') WHERE organisation_id = '{log}' AND seq = 5"),
        {"changed"},
        ("changed", 5, 5),
    ),
    "stored link": (
        _sql("UPDATE audit_position SET previous_hash = sha256('x') WHERE organisation_id = '{log}' AND seq = 5"),
        {"changed"},
        ("changed", 5, 5),
    ),
    "re-dated": (
        _sql("UPDATE audit_entry SET recorded_at = recorded_at - interval '1 second' WHERE id = {e5}"),
        {"changed"},
        ("changed", 5, 5),
    ),
    "time that is none": (
        _sql("UPDATE audit_entry SET recorded_at = 'infinity' WHERE id = {e5}"),
        {"changed"},
        ("changed", 5, 5),
    ),
    "place dated far off": (
        _sql("UPDATE audit_position SET sequenced_at = '20000-01-01' WHERE organisation_id = '{log}' AND seq = 5"),
        {"changed", "clock_back"},
        ("changed", 5, 5),
    ),
    "nothing where something must be": (
        _sql(
            "ALTER TABLE audit_position ALTER previous_hash DROP NOT NULL",
            "ALTER TABLE audit_entry ALTER digests DROP NOT NULL",
            "UPDATE audit_position SET previous_hash = NULL WHERE organisation_id = '{log}' AND seq = 9",
            "UPDATE audit_entry SET digests = NULL WHERE id = {e5}",
        ),
        {"changed"},
        ("changed", 5, 5),
    ),
    "dated back by an hour": (
        _sql("UPDATE audit_entry SET recorded_at = recorded_at - interval '1 hour' WHERE organisation_id = '{log}'"),
        {"changed", "clock_back"},
        ("clock_back", 1, 23),
    ),
    "actor swapped": (
        _sql("UPDATE audit_entry SET actor_id = subject_id, subject_id = actor_id WHERE id = {e5}"),
        {"changed"},
        ("changed", 5, 5),
    ),
    "changed and rebuilt": (
        _rebuilt("UPDATE audit_entry SET outcome = 'denied' WHERE id = {e5}"),
        {"changed", "rebuilt"},
        ("rebuilt", 5, 20),
    ),
    "last entry changed and rebuilt": (
        _rebuilt("UPDATE audit_entry SET outcome = 'denied' WHERE id = {e20}"),
        {"changed", "rebuilt"},
        ("changed", 20, 20),
    ),
    "deleted": (lambda log: _delete(log, 5, 6), {"deleted"}, ("deleted", 5, 6)),
    "entry alone deleted": (
        _sql(
            "DO $$ DECLARE name text; BEGIN"
            " FOR name IN SELECT conname FROM pg_constraint WHERE confrelid = 'audit_entry'::regclass"
            " AND conrelid = 'audit_position'::regclass LOOP"
            " EXECUTE format('ALTER TABLE audit_position DROP CONSTRAINT %I', name); END LOOP; END $$",
            "DELETE FROM audit_entry WHERE id = {e5}",
        ),
        {"deleted"},
        ("deleted", 5, 5),
    ),
    "first deleted": (lambda log: _delete(log, 1, 1), {"deleted"}, ("deleted", 1, 1)),
    "deleted and renumbered": (_deleted_and_renumbered, {"deleted"}, ("deleted", 5, 6)),
    "deleted and rebuilt": (_deleted_and_rebuilt, {"deleted", "rebuilt"}, ("deleted", 5, 6)),
    "inserted": (_inserted, {"inserted"}, ("inserted", 5, 5)),
    "inserted and rebuilt": (_inserted_and_rebuilt, {"inserted", "rebuilt"}, ("inserted", 5, 5)),
    "swapped": (
        _sql("UPDATE audit_position SET seq = 11 - seq WHERE organisation_id = '{log}' AND seq IN (5, 6)"),
        {"reordered"},
        ("reordered", 5, 6),
    ),
    "moved": (_moved, {"reordered"}, ("reordered", 3, 9)),
    "moved and rebuilt": (_moved_and_rebuilt, {"reordered", "rebuilt"}, ("reordered", 3, 9)),
    "tail cut": (_cut, {"cut_tail"}, ("cut_tail", 18, 20)),
    "tail cut on a checkpoint": (lambda log: _delete(log, 15, 1000), {"cut_tail"}, ("cut_tail", 15, 20)),
    "tail cut and regrown": (_cut_and_regrown, {"fork", "rebuilt"}, ("fork", 12, 23)),
    "second history": (_second_history, {"fork"}, ("fork", 11, 12)),
    "everything new": (_everything_new, {"rebuilt"}, ("rebuilt", 1, 20)),
    "log gone and begun again": (_log_gone_and_begun_again, LOG_GONE | {"rebuilt"}, ("log_missing", 1, 20)),
    "log gone": (_log_gone, LOG_GONE, ("log_missing", 1, 20)),
    "position dated back": (
        _sql(
            "UPDATE audit_position SET sequenced_at = sequenced_at - interval '1 hour'"
            " WHERE organisation_id = '{log}' AND seq = 5"
        ),
        {"clock_back"},
        ("clock_back", 5, 5),
    ),
    "clock put back and rebuilt": (_clock_put_back_and_rebuilt, {"clock_back", "rebuilt"}, ("rebuilt", 1, 20)),
    "positions gone": (
        _sql("DELETE FROM audit_position WHERE organisation_id = '{log}'"),
        {"log_missing"},
        ("log_missing", 1, 20),
    ),
    "two at once": (
        _sql(
            "UPDATE audit_entry SET outcome = 'denied' WHERE id = {e3}",
            "UPDATE audit_position SET seq = 31 - seq WHERE organisation_id = '{log}' AND seq IN (15, 16)",
        ),
        {"changed", "reordered"},
        ("reordered", 15, 16),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_under_a_checkpoint_is_found_and_named(organisation: Organisation, name: str) -> None:
    run, kinds, (kind, first, last) = ATTACKS[name]
    _checkpointed(organisation.pk)
    run(organisation.pk)
    faults = verify_all().faults
    assert {fault.kind for fault in faults} == kinds, faults
    assert (kind, str(organisation.pk), first, last) in _named(faults)


def _named(faults: tuple[Fault, ...]) -> set[tuple[str, str, int, int]]:
    return {(fault.kind, fault.organisation, fault.from_seq, fault.to_seq) for fault in faults}
