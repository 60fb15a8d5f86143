from __future__ import annotations

from pathlib import Path

import pytest

from llmasos.client.credentials import (
    Credentials,
    find_credentials,
    local_credentials_path,
    normalise_base_url,
    read_credentials,
    user_credentials_path,
    write_credentials,
)
from llmasos.client.errors import ConfigurationError

STORED = Credentials(base_url="http://127.0.0.1:8000", api_key="sk-stored")


@pytest.fixture(autouse=True)
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLMASOS_BASE_URL", "LLMASOS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LLMASOS_VAR", str(tmp_path / "var"))


def test_arguments_come_before_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMASOS_BASE_URL", "http://elsewhere")
    monkeypatch.setenv("LLMASOS_API_KEY", "sk-environment")
    found = find_credentials(base_url="https://here/v1/", api_key="sk-argument")
    assert found == Credentials(base_url="https://here", api_key="sk-argument")


def test_environment_comes_before_files(monkeypatch: pytest.MonkeyPatch) -> None:
    write_credentials(user_credentials_path(), STORED)
    monkeypatch.setenv("LLMASOS_BASE_URL", "http://elsewhere")
    monkeypatch.setenv("LLMASOS_API_KEY", "sk-environment")
    assert find_credentials() == Credentials("http://elsewhere", "sk-environment")


def test_login_comes_before_the_platform_on_this_machine() -> None:
    write_credentials(local_credentials_path(), Credentials("http://127.0.0.1:9000", "sk-local"))
    write_credentials(user_credentials_path(), STORED)
    assert find_credentials() == STORED


def test_platform_on_this_machine_is_found_without_any_set_up() -> None:
    local = Credentials("http://127.0.0.1:9000", "sk-local")
    write_credentials(local_credentials_path(), local)
    assert find_credentials() == local


def test_stored_key_is_not_sent_to_another_server() -> None:
    write_credentials(user_credentials_path(), STORED)
    with pytest.raises(ConfigurationError, match="http://stranger"):
        find_credentials(base_url="http://stranger")


def test_nothing_known_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="llmasos login"):
        find_credentials()


def test_file_is_readable_by_its_owner_alone() -> None:
    path = write_credentials(user_credentials_path(), STORED)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_credentials(path) == STORED


def test_file_open_to_others_is_warned_about() -> None:
    path = write_credentials(user_credentials_path(), STORED)
    path.chmod(0o644)
    with pytest.warns(UserWarning, match="chmod 600"):
        read_credentials(path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"base_url": "x"}', '{"base_url": 3, "api_key": "k"}'])
def test_damaged_file_is_named(content: str) -> None:
    path = user_credentials_path()
    path.parent.mkdir(parents=True)
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError):
        read_credentials(path)


def test_key_is_not_in_the_text_form() -> None:
    assert "sk-stored" not in repr(STORED)


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://host", "http://", "", "/v1"])
def test_address_without_scheme_or_host_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError):
        normalise_base_url(address)
