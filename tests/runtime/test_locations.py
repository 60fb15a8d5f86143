from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from llmasos.runtime import locations
from llmasos.runtime.locations import ConfigurationProblem

# A unix socket's path may have 107 bytes on Linux and 103 on macOS; PostgreSQL adds its own name.
LONGEST_SOCKET_PATH = 103


@pytest.fixture(autouse=True)
def _no_outside_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def test_a_secret_stays_the_same(tmp_path: Path) -> None:
    assert locations.secret("valkey", var=tmp_path) == locations.secret("valkey", var=tmp_path)


def test_secrets_of_two_installations_differ(tmp_path: Path) -> None:
    assert locations.secret("valkey", var=tmp_path / "a") != locations.secret("valkey", var=tmp_path / "b")


def test_only_the_owner_may_read_secrets(tmp_path: Path) -> None:
    locations.secret("valkey", var=tmp_path)
    folder = locations.secrets_folder(tmp_path)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_the_data_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    locations.secret("valkey", var=tmp_path / "new" / "var")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new", "new/var", "new/var/secrets")}
    assert modes == {0o700}


def test_processes_that_ask_at_once_get_the_same_secret(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(locations.secret("k", var=tmp_path))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) == 1


def test_an_emptied_secret_is_reported_and_not_replaced(tmp_path: Path) -> None:
    locations.secret("valkey", var=tmp_path)
    path = locations.secrets_folder(tmp_path) / "valkey"
    path.write_text("")
    with pytest.raises(ConfigurationProblem, match="restore it from a backup"):
        locations.secret("valkey", var=tmp_path)
    assert path.read_text() == ""


def test_sockets_have_short_paths_however_long_the_data_folder_is(tmp_path: Path) -> None:
    var = tmp_path.joinpath(*["a folder with a long name and spaces"] * 6)
    socket = locations.socket_folder(var) / ".s.PGSQL.5432"
    assert len(str(socket).encode()) <= LONGEST_SOCKET_PATH


def test_the_socket_folder_follows_a_moved_data_folder(tmp_path: Path) -> None:
    before = locations.socket_folder(tmp_path / "var")
    (tmp_path / "var").rename(tmp_path / "moved")
    assert locations.socket_folder(tmp_path / "moved") == before


def test_urls_are_known_before_any_server_runs(tmp_path: Path) -> None:
    urls = locations.connection_urls(tmp_path)
    assert urls == locations.connection_urls(tmp_path)
    assert urls.database.startswith("postgresql://llmasos_app:")
    assert urls.owner.startswith("postgresql://llmasos_owner:")
    assert urls.redis.startswith("unix://:")
    assert urls.broker.startswith("redis+socket://:")


def test_outside_servers_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:x@db/llmasos")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner:y@db/llmasos")
    monkeypatch.setenv("REDIS_URL", "rediss://:z@cache:6380/2")
    urls = locations.connection_urls(tmp_path)
    assert (urls.database, urls.owner) == ("postgresql://app:x@db/llmasos", "postgresql://owner:y@db/llmasos")
    assert urls.redis == urls.broker == "rediss://:z@cache:6380/2"
    assert urls.superuser is None
    assert not urls.database_is_embedded
    assert not urls.redis_is_embedded


def test_a_secret_url_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "redis-url"
    file.write_text("redis://cache/0\n")
    monkeypatch.setenv("REDIS_URL_FILE", str(file))
    assert locations.connection_urls(tmp_path).redis == "redis://cache/0"


def test_a_value_and_its_file_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://a")
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "b"))
    with pytest.raises(ConfigurationProblem, match="keep one of them"):
        locations.connection_urls(tmp_path)


def test_a_missing_secret_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "absent"))
    with pytest.raises(ConfigurationProblem, match=r"REDIS_URL_FILE names .*absent"):
        locations.connection_urls(tmp_path)


def test_a_socket_url_is_spelt_for_celery_with_its_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "unix://:pw@/run/cache.sock?db=3")
    assert locations.connection_urls(tmp_path).broker == "redis+socket://:pw@/run/cache.sock?virtual_host=3"


def test_one_outside_url_serves_as_both_until_the_application_role_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql://boss:secret@db:5433/llmasos?sslmode=require"
    monkeypatch.setenv("DATABASE_URL", url)
    assert locations.connection_urls(tmp_path).database == url
    locations.remember_app_role(url, var=tmp_path)
    urls = locations.connection_urls(tmp_path)
    assert urls.owner == url
    assert urls.database == locations.app_role_url(url)
    assert urls.database.startswith("postgresql://llmasos_app:")
    assert urls.database.endswith("@db:5433/llmasos?sslmode=require")
    assert "secret" not in urls.database
