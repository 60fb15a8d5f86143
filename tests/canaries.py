"""Searching every store for a text that must not be there.

A canary is a made-up word that nothing else contains. It is looked for in all the shapes in which software writes
text down: UTF-8, UTF-16, hexadecimal digits (how PostgreSQL shows bytes), base64, percent and JSON escapes, and
compressed. What is encrypted or hashed is not found, and that is the point.
"""

from __future__ import annotations

import base64
import gzip
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    import redis


def make_canary(prefix: str = "Kanari") -> str:
    """Return a word of letters and digits, capitalised like a name, with 64 random bits."""
    return f"{prefix}{secrets.token_hex(8)}"


def shapes(canary: str) -> tuple[bytes, ...]:
    """Return the byte strings that betray the canary. All are compared in lower case."""
    plain = canary.encode()
    found = {plain, canary.encode("utf-16-le"), canary.encode("utf-16-be"), plain.hex().encode()}
    found.add("".join(f"%{byte:02x}" for byte in plain).encode())
    found.add("".join(f"\\u{ord(character):04x}" for character in canary).encode())
    for shift in range(3):
        # Base64 depends on where in a group of three bytes the text begins; the middle is the same each time.
        encoded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        found |= {encoded[4:-2], encoded[4:-2].replace(b"+", b"-").replace(b"/", b"_")}
    return tuple(shape.lower() for shape in found)


def is_in(canary: str, content: bytes) -> bool:
    """Whether any shape of the canary is in ``content``, also inside one layer of compression."""
    wanted = shapes(canary)
    return any(shape in layer.lower() for layer in _layers(content) for shape in wanted)


def _layers(content: bytes) -> Iterator[bytes]:
    yield content
    if content[:2] == b"\x1f\x8b":
        try:
            yield gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return
    elif content[:1] == b"\x78":
        try:
            yield zlib.decompress(content)
        except zlib.error:
            return


def in_database(canaries: Iterable[str], *, url: str) -> list[str]:
    """Return ``canary: schema.table`` for each table whose rows, written out as text, hold a canary.

    ``url`` must be of a role that row-level security does not bind (the owner or a superuser).
    """
    wanted = list(canaries)
    found = []
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
            " ORDER BY 1, 2"
        ).fetchall()
        for schema, table in tables:
            statement = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(schema, table))
            with connection.cursor().copy(statement) as copy:
                content = b"".join(bytes(part) for part in copy)
            found += [f"{canary}: {schema}.{table}" for canary in wanted if is_in(canary, content)]
    return found


def in_valkey(canaries: Iterable[str], *, client: redis.Redis) -> list[str]:
    """Return ``canary: key`` for each key whose name or value, of any type, holds a canary."""
    wanted = list(canaries)
    found = []
    for key in client.scan_iter(count=1000):
        content = bytes(key) + b"\n" + _flat(_value(client, key))
        found += [f"{canary}: {key.decode(errors='replace')}" for canary in wanted if is_in(canary, content)]
    return found


def _value(client: redis.Redis, key: bytes) -> Any:
    readers: dict[bytes, Any] = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"set": client.smembers,
        b"zset": lambda name: client.zrange(name, 0, -1),
        b"stream": client.xrange,
    }
    kind: Any = client.type(key)
    return readers[kind](key) if kind in readers else b""


def _flat(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        return b"\n".join(_flat(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set):
        return b"\n".join(_flat(part) for part in value)
    return str(value).encode()


def in_files(canaries: Iterable[str], *, folder: Path, leave_out: Iterable[str] = ()) -> list[str]:
    """Return ``canary: path`` for each file below ``folder`` that holds a canary, in its content or its name.

    ``leave_out`` are names of folders that are not looked into. Members of zip archives are opened.
    """
    wanted, left_out = list(canaries), set(leave_out)
    found = []
    for path in sorted(folder.rglob("*")):
        if not left_out.isdisjoint(path.relative_to(folder).parts) or not path.is_file() or path.is_symlink():
            continue
        content = str(path.relative_to(folder)).encode() + b"\n" + path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content += b"\n".join(archive.read(name) for name in archive.namelist())
        found += [f"{canary}: {path}" for canary in wanted if is_in(canary, content)]
    return found


def in_text(canaries: Iterable[str], text: str, *, name: str) -> list[str]:
    """Return ``canary: name`` for each canary in a text such as a log, a page, an address or a task's arguments."""
    return [f"{canary}: {name}" for canary in canaries if is_in(canary, text.encode())]
