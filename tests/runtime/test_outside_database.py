from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from llmasos.runtime import children, external, locations
from llmasos.runtime.locations import ConfigurationProblem
from llmasos.runtime.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bare PostgreSQL server as somebody else would run it: no roles, no database of ours."""
    var = tmp_path_factory.mktemp("outside")
    postgres = EmbeddedPostgres(var, durable=False)
    postgres.prepare()
    postgres.process = children.spawn(postgres.command())
    postgres.wait_until_ready()
    yield var
    postgres.stop()
    for folder in (locations.services_folder(var), locations.socket_folder(var)):
        shutil.rmtree(folder, ignore_errors=True)


def superuser_url(server: Path, database: str = "postgres") -> str:
    password = locations.secret("database_superuser", var=server)
    return f"postgresql://postgres:{password}@/{database}?host={locations.socket_folder(server)}"


@pytest.fixture
def boss_url(server: Path) -> Iterator[str]:
    """A database and its owner, who may make roles."""
    with psycopg.connect(superuser_url(server), autocommit=True) as connection:
        connection.execute("CREATE ROLE boss LOGIN CREATEROLE PASSWORD 'boss'")
        connection.execute("CREATE DATABASE platform OWNER boss")
        with psycopg.connect(superuser_url(server, "platform"), autocommit=True) as platform:
            platform.execute("CREATE EXTENSION vector")
        yield f"postgresql://boss:boss@/platform?host={locations.socket_folder(server)}"
        connection.execute("DROP DATABASE platform WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS llmasos_app")
        connection.execute("DROP ROLE boss")


@pytest.fixture(autouse=True)
def _given_url_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)


def test_the_application_role_is_made_and_used(boss_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", boss_url)
    urls = external.prepare_database(locations.connection_urls(tmp_path), var=tmp_path)
    assert urls.owner == boss_url
    assert urls == locations.connection_urls(tmp_path)
    with psycopg.connect(urls.owner) as owner:
        owner.execute("CREATE TABLE made (a int)")
    with psycopg.connect(urls.database) as app:
        app.execute("INSERT INTO made VALUES (1)")
        assert app.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert app.execute("SELECT current_user").fetchone() == ("llmasos_app",)


def test_preparing_again_changes_nothing(boss_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", boss_url)
    first = external.prepare_database(locations.connection_urls(tmp_path), var=tmp_path)
    assert external.prepare_database(locations.connection_urls(tmp_path), var=tmp_path) == first


def test_an_owner_without_the_right_to_make_roles_is_told_what_to_do(
    server: Path, boss_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(superuser_url(server), autocommit=True) as connection:
        connection.execute("ALTER ROLE boss NOCREATEROLE")
    monkeypatch.setenv("DATABASE_URL", boss_url)
    with pytest.raises(ConfigurationProblem, match="may not make roles: make one with `CREATE ROLE llmasos_app"):
        external.prepare_database(locations.connection_urls(tmp_path), var=tmp_path)


def test_a_missing_extension_is_said_with_the_command(
    server: Path, boss_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(superuser_url(server, "platform"), autocommit=True) as connection:
        connection.execute("DROP EXTENSION vector")
    monkeypatch.setenv("DATABASE_URL", boss_url)
    with pytest.raises(ConfigurationProblem, match="run `CREATE EXTENSION vector` in it as a superuser once"):
        external.prepare_database(locations.connection_urls(tmp_path), var=tmp_path)


def test_a_superuser_for_the_application_is_refused(
    server: Path, boss_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", superuser_url(server, "platform"))
    monkeypatch.setenv("DATABASE_OWNER_URL", boss_url)
    with pytest.raises(ConfigurationProblem, match="is a superuser or bypasses row security"):
        external.prepare_database(locations.connection_urls(tmp_path), var=tmp_path)


def test_a_server_that_is_away_is_said_without_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://boss:hush@/platform?host={tmp_path}")
    with pytest.raises(ConfigurationProblem, match="correct or unset DATABASE_URL") as found:
        external.prepare_database(locations.connection_urls(tmp_path), var=tmp_path)
    assert "hush" not in str(found.value)


def test_a_broker_that_is_away_is_said_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationProblem, match="REDIS_URL") as found:
        external.check_redis(f"unix://:hush@{tmp_path}/absent.sock")
    assert "hush" not in str(found.value)
