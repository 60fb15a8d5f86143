"""Admitting one organisation's log to this transaction, for the log's own work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from llmasos.runtime.database import send_with_next


@contextmanager
def log_of(organisation_id: UUID) -> Iterator[None]:
    """Open a transaction (or savepoint) in which row-level security admits this organisation.

    The setting of the surrounding transaction is restored on the way out.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(current_setting('llmasos.organisation', true), '')")
            row = cursor.fetchone()
            before = str(row[0]) if row else ""
        send_with_next(f"SELECT set_config('llmasos.organisation', '{organisation_id}', true)")
        yield
        # After an error the savepoint's rollback restores the setting.
        send_with_next(f"SELECT set_config('llmasos.organisation', '{before}', true)")
