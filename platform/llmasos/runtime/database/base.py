"""The backend that ``DATABASES`` names; see the package."""

from __future__ import annotations

from typing import Any, Self, cast

from django.db.backends.postgresql import base, psycopg_any
from psycopg.pq import TransactionStatus

# The published types lack most of what is used here.
_Cursor: Any = base.Cursor
_DatabaseWrapper: Any = base.DatabaseWrapper
_ServerSideCursor: Any = base.ServerSideCursor

_BEGIN = "BEGIN"


class Cursor(_Cursor):  # type: ignore[misc]
    """A cursor that first sends what its connection holds back."""

    # None for what Django asks of the driver's connection directly.
    wrapper: DatabaseWrapper | None = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        if self.wrapper is None:
            return cast("Self", super().execute(query, params, **options))
        if not isinstance(query, str):
            self.wrapper.send_waiting()
        waiting = self.wrapper.take_waiting()
        try:
            super().execute(";".join([*waiting, query]) if waiting else query, params, **options)
        except Exception:
            self.wrapper.failed(waiting)
            raise
        # The driver keeps the results of all statements; the last one is what was asked for.
        for _ in waiting:
            self.nextset()
        return self

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        self._send_waiting()
        super().executemany(query, params_seq, **options)

    def copy(self, statement: Any, params: Any = None, **options: Any) -> Any:
        self._send_waiting()
        return super().copy(statement, params, **options)

    def _send_waiting(self) -> None:
        if self.wrapper is not None:
            self.wrapper.send_waiting()


class DatabaseWrapper(_DatabaseWrapper):  # type: ignore[misc]
    """Holds back what opens transactions and savepoints. The driver itself stays in autocommit mode."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: list[str] = []

    def send_with_next(self, statement: str) -> None:
        """Have a statement run before the next one, in the same message; never if the transaction ends first."""
        self._waiting.append(statement)

    def take_waiting(self) -> list[str]:
        """Return what is to be sent before the next statement, which the caller does."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def send_waiting(self) -> None:
        """Send it alone, before what cannot travel with it."""
        if self._waiting:
            self.connection.execute(";".join(self.take_waiting()))

    def failed(self, waiting: list[str]) -> None:
        """Hold back once more what a message said that the server did not get or could not read."""
        # An error of a statement that it ran would have left the transaction in error.
        if self._status() in {TransactionStatus.IDLE, TransactionStatus.INTRANS}:
            self._waiting = waiting

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "cursor_factory": Cursor}

    def create_cursor(self, name: str | None = None) -> Any:
        if name is None:
            cursor = super().create_cursor()
            cursor.wrapper = self
            return cursor
        self.send_waiting()
        # As Django does it, which asks the driver whether there is a transaction.
        cursor = _ServerSideCursor(self.connection, name=name, scrollable=False, withhold=self.get_autocommit())
        psycopg_any.register_tzloader(self.timezone, cursor)
        return cursor

    def _status(self) -> TransactionStatus:
        return TransactionStatus(self.connection.info.transaction_status)

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 - Django's signature
        if not self.connection.autocommit:
            super()._set_autocommit(autocommit=True)
        self._waiting = [] if autocommit else [_BEGIN]

    def _commit(self) -> None:
        super()._commit()
        self._waiting = [] if self.autocommit else [_BEGIN]

    def _rollback(self) -> None:
        super()._rollback()
        self._waiting = [] if self.autocommit else [_BEGIN]

    def _savepoint(self, sid: str) -> None:
        self._waiting.append(self.ops.savepoint_create_sql(sid))

    def _savepoint_rollback(self, sid: str) -> None:
        opening = self.ops.savepoint_create_sql(sid)
        if opening in self._waiting:
            del self._waiting[self._waiting.index(opening) + 1 :]
            return
        self._waiting = []
        super()._savepoint_rollback(sid)

    def _savepoint_commit(self, sid: str) -> None:
        opening = self.ops.savepoint_create_sql(sid)
        if opening in self._waiting:
            self._waiting.remove(opening)
        elif self._status() is TransactionStatus.INERROR:
            # Told at once, so that the block is rolled back.
            super()._savepoint_commit(sid)
        else:
            self._waiting.append(self.ops.savepoint_commit_sql(sid))
