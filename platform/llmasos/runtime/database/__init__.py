"""Django's PostgreSQL backend, with fewer messages to the server.

What opens a transaction (BEGIN, a savepoint, the organisation of row-level security) waits for the first statement that
needs it and travels in one message with it. A block that asks the database nothing costs nothing, and ``acting_in``
within ``acting_in`` costs no message of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from llmasos.runtime.database.base import DatabaseWrapper


def send_with_next(statement: str) -> None:
    """Have a statement without results run before the default connection's next one, in the same message.

    Should the transaction end first, it is never run: it is for what matters within the transaction alone.
    """
    cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS]).send_with_next(statement)
