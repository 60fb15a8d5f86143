"""Making logs, and attacking them as the database's owner does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.db import connections

from llmasos.accounts.tenancy import acting_in
from llmasos.audit import canonical
from llmasos.audit.services import record, sequence_entries
from llmasos.audit.sweep import FIELDS, own_digest
from llmasos.audit.types import Actor, Ref


def fill(organisation_id: UUID, count: int, *, sequence: bool = True) -> list[UUID]:
    """Record ``count`` entries, each in a transaction of its own, and have them sequenced."""
    made = []
    for number in range(count):
        with acting_in(organisation_id):
            made.append(
                record(
                    organisation_id=organisation_id,
                    actor=Actor("person", uuid4(), "agent"),
                    action="audit.read",
                    subject=Ref("customer", uuid4()),
                    digests={"number": number, "passages": ["ab" * 32]},
                )
            )
    while sequence and sequence_entries(organisation_id):
        pass
    return made


TABLES = ("entry", "position", "pending", "payload", "checkpoint", "signingkey", "delivery", "node")
CONSTRAINTS = (
    ("position", "no_gap"),
    ("position", "no_second"),
    ("position", "no_fork"),
    ("checkpoint", "no_second"),
)


@contextmanager
def owner_with_triggers_off() -> Iterator[None]:
    """Let the owner of the tables do what the triggers and constraints would deny."""
    with connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE audit_{table} DISABLE TRIGGER USER")
        for table, name in CONSTRAINTS:
            cursor.execute(f"ALTER TABLE audit_{table} DROP CONSTRAINT IF EXISTS audit_{table}_{name} CASCADE")
        try:
            yield
        finally:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE audit_{table} ENABLE TRIGGER USER")


def attack(*statements: str) -> None:
    with owner_with_triggers_off(), connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def rebuild(organisation_id: UUID) -> None:
    """Make every digest, leaf and link anew from what the entries hold now, as an owner without the key can."""
    with owner_with_triggers_off(), connections["owner"].cursor() as cursor:
        cursor.execute(
            f"SELECT p.seq, p.entry_id, (extract(epoch FROM p.sequenced_at) * 1000000)::bigint, {FIELDS}"
            " FROM audit_position p JOIN audit_entry e ON e.id = p.entry_id"
            " WHERE p.organisation_id = %s ORDER BY p.seq",
            [organisation_id],
        )
        previous = canonical.genesis(organisation_id)
        for seq, entry_id, moment, *fields in cursor.fetchall():
            digest = own_digest(fields)
            leaf = canonical.leaf_hash(digest)
            chain = canonical.chain_hash(previous=previous, leaf=leaf, sequenced_at=moment)
            cursor.execute("UPDATE audit_entry SET digest = %s WHERE id = %s", [digest, entry_id])
            cursor.execute(
                "UPDATE audit_position SET previous_hash = %s, leaf_hash = %s, chain_hash = %s"
                " WHERE organisation_id = %s AND seq = %s",
                [previous, leaf, chain, organisation_id, seq],
            )
            previous = chain
