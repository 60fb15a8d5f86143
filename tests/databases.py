"""Databases for tests: one template, migrated once; copies of it for tests that really commit."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from asgiref.sync import SyncToAsync
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from llmasos.runtime import locations
from llmasos.runtime.postgres import tools_folder
from tests import services
from tests.services import VAR

TEMPLATE = "llmasos_template"
# The platform's own modules that a migration takes something from.
_IMPORTED = re.compile(r"^(?:from|import) ((?:llmasos|support_bot|tutor|clinical_assist)[\w.]*)", re.MULTILINE)


def database_url(role_url: str, name: str) -> str:
    return urlunsplit(urlsplit(role_url)._replace(path=f"/{name}"))


def _administer(statement: sql.Composed) -> None:
    superuser = locations.connection_urls(VAR).superuser
    assert superuser is not None
    with psycopg.connect(database_url(superuser, "postgres"), autocommit=True) as connection:
        connection.execute(statement)


def migrate() -> None:
    """Give the main database the present schema: as an earlier run left it, or else by all migrations."""
    kept = _kept_schema()
    superuser = locations.connection_urls(VAR).superuser
    assert superuser is not None
    if kept.exists():
        # What stands in the new cluster's database came with making it, and is in the dump too.
        options = ["--clean", "--if-exists", "--single-transaction", "--exit-on-error", "--dbname", superuser]
        subprocess.run([tools_folder() / "pg_restore", *options, kept], check=True)
        return
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        dumped = Path(folder) / kept.name
        subprocess.run([tools_folder() / "pg_dump", "--format=custom", "--file", dumped, superuser], check=True)
        for older in kept.parent.glob("*.dump"):
            older.unlink(missing_ok=True)
        dumped.replace(kept)


def _kept_schema() -> Path:
    """Return where the schema is kept, under a name that changes with whatever makes it."""
    digest = hashlib.sha256()
    for path in sorted(services.ROOT.glob("requirements*.lock")):
        digest.update(path.read_bytes())
    own = [one for one in apps.get_app_configs() if Path(one.path).is_relative_to(services.ROOT / "platform")]
    own += [one for one in apps.get_app_configs() if one.name in settings.LLMASOS_APPLICATIONS]
    sources = sorted({path for one in own for path in Path(one.path).glob("migrations/*.py")})
    for path in sources:
        digest.update(path.read_bytes())
    imported = {name for path in sources for name in _IMPORTED.findall(path.read_text())}
    for name in sorted(imported):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        digest.update(Path(spec.origin).read_bytes())
    folder = locations.make_private_folder(locations.make_private_folder(services.ROOT / "var") / "test-schema")
    return folder / f"{digest.hexdigest()}.dump"


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
    # Views that coroutines call run in this thread, whose connections would outlive the database.
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()
    for alias, name in names.items():
        connections[alias].close()
        connections.settings[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
