"""Outside PostgreSQL and Valkey or Redis servers: reached, checked, and given their roles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from llmasos.runtime import locations
from llmasos.runtime.locations import APP_ROLE, ConfigurationProblem, ConnectionUrls

if TYPE_CHECKING:
    import psycopg

_CONNECT_SECONDS = 10


def check_redis(url: str) -> None:
    """Raise ConfigurationProblem unless the broker answers and keeps what it is given."""
    import redis

    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=_CONNECT_SECONDS, socket_timeout=_CONNECT_SECONDS
        ) as client:
            client.ping()
    except redis.AuthenticationError as error:
        raise ConfigurationProblem(
            "The server behind REDIS_URL refuses the password in it: correct REDIS_URL."
        ) from error
    except (redis.RedisError, ValueError, OSError) as error:
        raise ConfigurationProblem(
            f"The server behind REDIS_URL ({_place(url)}) does not answer: start it, or correct or unset REDIS_URL."
        ) from error


def prepare_database(urls: ConnectionUrls, *, var: Path) -> ConnectionUrls:
    """Make sure that the outside database has the extension and a role that row security binds.

    Where only ``DATABASE_URL`` is given and its role may make roles, the role ``llmasos_app`` is made and used from
    then on. Returns the URLs to use.

    Raises:
        ConfigurationProblem: the server does not answer or a right is missing; the message says which.
    """
    import psycopg

    try:
        with psycopg.connect(urls.owner, autocommit=True, connect_timeout=_CONNECT_SECONDS) as connection:
            if urls.owner == urls.database:
                _make_app_role(connection, urls.owner)
                locations.remember_app_role(urls.owner, var=var)
                urls = locations.connection_urls(var)
            _make_extension(connection)
            _grant_to(connection, unquote(urlsplit(urls.database).username or APP_ROLE))
        with psycopg.connect(urls.database, connect_timeout=_CONNECT_SECONDS) as connection:
            row = connection.execute(
                "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.OperationalError as error:
        raise ConfigurationProblem(
            f"The database behind DATABASE_URL ({_place(urls.owner)}) does not accept the connection "
            f"({str(error).strip().splitlines()[-1]}): start it, or correct or unset DATABASE_URL."
        ) from error
    if row is None or row[1]:
        raise ConfigurationProblem(
            "The role in DATABASE_URL is a superuser or bypasses row security, so "
            "nothing would separate organisations: "
            "put it into DATABASE_OWNER_URL, and into DATABASE_URL one made by "
            f"`CREATE ROLE {APP_ROLE} LOGIN PASSWORD '...'`."
        )
    return urls


def _make_app_role(connection: psycopg.Connection[tuple[object, ...]], owner_url: str) -> None:
    import psycopg
    from psycopg import sql

    row = connection.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
    password = unquote(urlsplit(locations.app_role_url(owner_url)).password or "")
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE]).fetchone()
    if row is None or not row[0]:
        raise ConfigurationProblem(
            "The role in DATABASE_URL may not make roles: make one with "
            f"`CREATE ROLE {APP_ROLE} LOGIN PASSWORD '...'`, "
            "put it into DATABASE_URL, and the present one into DATABASE_OWNER_URL."
        )
    verb = sql.SQL("ALTER ROLE") if exists else sql.SQL("CREATE ROLE")
    try:
        connection.execute(
            sql.SQL("{} {} LOGIN PASSWORD {}").format(verb, sql.Identifier(APP_ROLE), sql.Literal(password))
        )
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationProblem(
            f"The role {APP_ROLE} exists and belongs to somebody else: put it into DATABASE_URL with its password, "
            "and the present role into DATABASE_OWNER_URL."
        ) from error


def _make_extension(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    import psycopg

    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationProblem(
            "The database lacks the extension vector and its owner may not make it: "
            "run `CREATE EXTENSION vector` in it as a superuser once."
        ) from error
    except (psycopg.errors.UndefinedFile, psycopg.errors.FeatureNotSupported) as error:
        raise ConfigurationProblem(
            "The database server has no pgvector: install it there (for example the package postgresql-18-pgvector)."
        ) from error


def _grant_to(connection: psycopg.Connection[tuple[object, ...]], role: str) -> None:
    from psycopg import sql

    name = sql.Identifier(role)
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name))
    for statement in (
        "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
        "ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {}",
        "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO {}",
    ):
        connection.execute(sql.SQL(statement).format(name))


def _place(url: str) -> str:
    """Return the host and port of ``url`` without its password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path
