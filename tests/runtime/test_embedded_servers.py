from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from llmasos.runtime import locations
from llmasos.runtime.locations import ConfigurationProblem
from llmasos.runtime.postgres import EmbeddedPostgres, explain_log
from tests import services


@pytest.fixture
def app(postgres: services.EmbeddedPostgres) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(locations.connection_urls(services.VAR).database, autocommit=True) as connection:
        yield connection


def test_the_application_role_obeys_row_security(app: psycopg.Connection[tuple[object, ...]]) -> None:
    row = app.execute(
        "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb"
        " FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert row == ("llmasos_app", False, False, False, False)


def test_the_application_role_may_not_make_tables(app: psycopg.Connection[tuple[object, ...]]) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("CREATE TABLE mine (a int)")


def test_the_application_role_owns_nothing(app: psycopg.Connection[tuple[object, ...]]) -> None:
    row = app.execute(
        "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
    ).fetchone()
    assert row == (0,)


def test_the_vector_extension_is_there(app: psycopg.Connection[tuple[object, ...]]) -> None:
    assert app.execute("SELECT '[3,4]'::vector <-> '[0,0]'::vector").fetchone() == (5.0,)


def test_what_the_owner_makes_the_application_may_use(app: psycopg.Connection[tuple[object, ...]]) -> None:
    with psycopg.connect(locations.connection_urls(services.VAR).owner, autocommit=True) as owner:
        owner.execute("CREATE TABLE runtime_grants (id serial, a int)")
        try:
            app.execute("INSERT INTO runtime_grants (a) VALUES (7)")
            assert app.execute("SELECT a FROM runtime_grants").fetchone() == (7,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("TRUNCATE runtime_grants")
        finally:
            owner.execute("DROP TABLE runtime_grants")


def test_a_wrong_password_is_refused_on_the_socket(postgres: services.EmbeddedPostgres) -> None:
    host = str(locations.socket_folder(services.VAR))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=host, user="postgres", password="wrong", dbname="postgres")


def test_curly_quotes_are_no_letters(app: psycopg.Connection[tuple[object, ...]]) -> None:
    row = app.execute("SELECT to_tsvector('simple', '“Refund”') @@ to_tsquery('simple', 'refund')").fetchone()
    assert row == (True,)


def test_valkey_wants_its_password(valkey_server: services.EmbeddedValkey) -> None:
    with (
        redis.Redis(unix_socket_path=str(valkey_server.socket)) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_valkey_refuses_to_forget_work(valkey_server: services.EmbeddedValkey) -> None:
    with valkey_server.client() as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}


@pytest.fixture
def own_var(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose servers' folders, which may lie elsewhere, go with it."""
    yield tmp_path
    for folder in (locations.services_folder(tmp_path), locations.socket_folder(tmp_path)):
        shutil.rmtree(folder, ignore_errors=True)


def test_a_damaged_cluster_is_reported_and_left_alone(own_var: Path) -> None:
    server = EmbeddedPostgres(own_var, durable=False)
    (server.data / "base").mkdir(parents=True)
    with pytest.raises(ConfigurationProblem, match="is damaged"):
        server.start()
    assert (server.data / "base").is_dir()


def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text('FATAL:  could not write lock file "postmaster.pid": No space left on device\n')
    sentence = explain_log(log, server="PostgreSQL", data=tmp_path)
    assert "is full: make room" in sentence


def test_an_unknown_failure_names_its_cause_and_the_log(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    log.write_text("LOG: starting\nPANIC:  could not locate a valid checkpoint record\n")
    sentence = explain_log(log, server="PostgreSQL", data=tmp_path)
    assert "could not locate a valid checkpoint record" in sentence
    assert str(log) in sentence
