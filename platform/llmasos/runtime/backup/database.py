"""The database's rows out and in, with COPY through the owner's connection."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from llmasos.runtime.backup.archive import ArchiveWriter, Table
from llmasos.runtime.locations import ConfigurationProblem

Connection = psycopg.Connection[tuple[Any, ...]]
FOLDER = "database"
_PIECE_BYTES = 8 * 1024 * 1024
# Migrations write the first anew; sessions end with a restore.
_LEFT_OUT = frozenset({"django_migrations", "django_session"})

_TABLES = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
GROUP BY c.relname ORDER BY c.relname
"""
_SEQUENCES = """
SELECT s.sequencename, s.last_value FROM pg_sequences s WHERE s.schemaname = 'public' ORDER BY s.sequencename
"""
_FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
_FOREIGN_KEYS = """
SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND c.conparentid = 0
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid AND c.relnamespace = 'public'::regnamespace
WHERE NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
"""
_TRIGGERS = """
SELECT t.tgrelid::regclass::text, t.tgname, t.tgenabled::text FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = 'public'::regnamespace
WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'
"""
_ENABLE = {"O": "ENABLE TRIGGER", "A": "ENABLE ALWAYS TRIGGER", "R": "ENABLE REPLICA TRIGGER"}


@contextmanager
def snapshot(owner_url: str) -> Iterator[Connection]:
    """Open a transaction that sees the database as it is now, whatever happens meanwhile."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # Rather an error than a table of which row security showed a part.
        connection.execute("SET LOCAL row_security = off")
        yield connection


def write_tables(connection: Connection, archive: ArchiveWriter) -> None:
    """Write every table, in pieces that fit into memory, and the positions of the sequences."""
    for name, columns in connection.execute(_TABLES).fetchall():
        if name in _LEFT_OUT:
            continue
        rows = 0
        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(_list(columns), sql.Identifier(name))
        with connection.cursor() as cursor:
            pieces = _pieces(cursor, query)
            for number, piece in enumerate(pieces, 1):
                archive.add(f"{FOLDER}/{name}/{number:08d}", zlib.compress(piece, 3))
                rows += piece.count(b"\n")
        archive.manifest.tables[name] = Table(columns=columns, rows=rows)
    for name, value in connection.execute(_SEQUENCES).fetchall():
        if value is not None:
            archive.manifest.sequences[name] = value


def _pieces(cursor: psycopg.Cursor[tuple[Any, ...]], query: sql.Composed) -> Iterator[bytes]:
    """Yield whole rows of COPY's text; a row break within a value is written as two characters there."""
    waiting, size = [], 0
    with cursor.copy(query) as copy:
        for row in copy:
            content = bytes(row)
            waiting.append(content)
            size += len(content)
            if size >= _PIECE_BYTES:
                yield b"".join(waiting)
                waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def holds_data(connection: Connection) -> bool:
    """Say whether an organisation, a person or a log is in the database."""
    for name in ("accounts_organisation", "accounts_person", "audit_entry"):
        if (
            connection.execute("SELECT to_regclass(%s)", [f"public.{name}"]).fetchone() != (None,)
            and connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name))).fetchone()
        ):
            return True
    return False


def empty(connection: Connection) -> None:
    """Drop every table and function of ours; extensions stay."""
    for name, _ in connection.execute(_TABLES).fetchall():
        connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(name)))
    for (signature,) in connection.execute(_FUNCTIONS).fetchall():
        connection.execute(sql.SQL("DROP FUNCTION IF EXISTS {} CASCADE").format(sql.SQL(signature)))


class Loader:
    """Loads tables in one transaction, with triggers off, and foreign keys and indexes made again at the end."""

    def __init__(self, connection: Connection, tables: dict[str, Table]) -> None:
        self._connection = connection
        self._tables = tables
        self._copying: tuple[str, Any, Any] | None = None
        self._later: list[sql.Composed] = []

    def begin(self) -> None:
        """Empty the tables that migrations filled.

        Raises:
            ConfigurationProblem: the migrations of this release do not make a table or column of the backup.
        """
        run = self._connection.execute
        present: dict[str, list[str]] = dict(run(_TABLES).fetchall())
        for name, table in self._tables.items():
            if not set(table.columns) <= set(present.get(name) or ()):
                raise ConfigurationProblem(f"This release has no place for the table {name}: use the backup's release.")
        for table, name, enabled in run(_TRIGGERS).fetchall():
            target, trigger = sql.SQL(table), sql.Identifier(name)
            run(sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(target, trigger))
            again = sql.SQL("ALTER TABLE {} {} {}").format(target, sql.SQL(_ENABLE[enabled]), trigger)
            self._later.append(again)
        for table, name, definition in run(_FOREIGN_KEYS).fetchall():
            target, key = sql.SQL(table), sql.Identifier(name)
            run(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(target, key))
            self._later.insert(
                0, sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(target, key, sql.SQL(definition))
            )
        for name, definition in run(_INDEXES).fetchall():
            run(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
            self._later.insert(0, sql.SQL("{}").format(sql.SQL(definition)))
        names = [sql.Identifier(name) for name in present if name not in _LEFT_OUT]
        run(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(names)))

    def take(self, table: str, content: bytes) -> None:
        """Load a piece of a table; the pieces of one table follow each other."""
        if self._copying is None or self._copying[0] != table:
            self._end()
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(table), _list(self._tables[table].columns)
            )
            context = self._connection.cursor().copy(statement)
            self._copying = (table, context, context.__enter__())
        self._copying[2].write(zlib.decompress(content))

    def finish(self, sequences: dict[str, int]) -> None:
        """Make again what was put aside. Nothing is visible before the caller commits."""
        self._end()
        run = self._connection.execute
        for name, value in sequences.items():
            if run("SELECT to_regclass(%s)", [f'public."{name}"']).fetchone() != (None,):
                run("SELECT setval(%s, %s)", [f'public."{name}"', value])
        for name, table in self._tables.items():
            count = run(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
            if count != (table.rows,):
                raise ConfigurationProblem(f"The table {name} has not the {table.rows} rows that the manifest says.")
        for statement in self._later:
            run(statement)

    def _end(self) -> None:
        if self._copying is not None:
            self._copying[1].__exit__(None, None, None)
            self._copying = None


def _list(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)
