"""Making logs, and attacking them as the database's owner does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.db import connections

from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record, sequence_entries
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


@contextmanager
def owner_with_triggers_off() -> Iterator[None]:
    """Let the owner of the tables do what the triggers and constraints would deny."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE audit_position DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE audit_position DROP CONSTRAINT IF EXISTS audit_position_no_gap")
        cursor.execute("ALTER TABLE audit_position DROP CONSTRAINT IF EXISTS audit_position_no_second CASCADE")
        cursor.execute("ALTER TABLE audit_position DROP CONSTRAINT IF EXISTS audit_position_no_fork")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")
            cursor.execute("ALTER TABLE audit_position ENABLE TRIGGER USER")


def attack(*statements: str) -> None:
    with owner_with_triggers_off(), connections["owner"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
