"""Databases for tests: one template, migrated once; copies of it for tests that really commit."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connections
from psycopg import sql

from llmasos.runtime import locations
from tests.services import VAR

TEMPLATE = "llmasos_template"


def database_url(role_url: str, name: str) -> str:
    return urlunsplit(urlsplit(role_url)._replace(path=f"/{name}"))


def _administer(statement: sql.Composed) -> None:
    superuser = locations.connection_urls(VAR).superuser
    assert superuser is not None
    with psycopg.connect(database_url(superuser, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def make_template() -> None:
    for connection in connections.all():
        connection.close()
    _administer(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
            sql.Identifier(TEMPLATE), sql.Identifier(locations.DATABASE_NAME), sql.Identifier(locations.OWNER_ROLE)
        )
    )


def make_database(name: str) -> None:
    _administer(
        sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(TEMPLATE), sql.Identifier(locations.OWNER_ROLE)
        )
    )


def drop_database(name: str) -> None:
    _administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def process_environment(database: str, *, valkey_database: int = 0) -> dict[str, str]:
    """Return the environment of a server or worker process that uses ``database``."""
    urls = locations.connection_urls(VAR)
    root = locations.repository_root()
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "llmasos.settings",
        "PYTHONPATH": os.pathsep.join((str(root / "platform"), str(root))),
        "DATABASE_URL": database_url(urls.database, database),
        "DATABASE_OWNER_URL": database_url(urls.owner, database),
        "REDIS_URL": urls.redis.replace("db=0", f"db={valkey_database}"),
    }


@contextmanager
def own_database() -> Iterator[str]:
    """Point Django at a fresh copy of the template, in which everything really commits; drop it afterwards."""
    name = f"llmasos_{secrets.token_hex(4)}"
    make_database(name)
    with connected_to(name):
        yield name
    drop_database(name)


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Point this process's Django connections at the database ``name``."""
    before: Mapping[str, str] = {alias: connections.settings[alias]["NAME"] for alias in connections}
    _point(dict.fromkeys(connections, name))
    try:
        yield
    finally:
        _point(before)


def _point(names: Mapping[str, str]) -> None:
    for alias, name in names.items():
        connections[alias].close()
        connections.settings[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
