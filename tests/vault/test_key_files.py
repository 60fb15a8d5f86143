from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from llmasos.vault import keys
from llmasos.vault.errors import KeySourceError, UnknownKeyError
from llmasos.vault.sealing import read_key_id, seal, unseal


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.KEY_ENCRYPTION_FOLDER = tmp_path / "secrets" / "keys"
    return tmp_path / "secrets" / "keys"


def test_the_first_key_is_made_for_the_owner_alone(folder: Path) -> None:
    assert unseal(seal(b"text", context="x"), context="x") == b"text"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_one_key_of_an_earlier_release_is_taken_over(folder: Path) -> None:
    folder.parent.mkdir()
    (folder.parent / "key_encryption_key").write_text("A" * 43 + "\n")
    assert keys.current_key_id() == "k1"
    assert keys.key_encryption_key("k1") == bytes(32)
    assert not (folder.parent / "key_encryption_key").exists()


def test_a_running_process_takes_up_a_new_key_and_forgets_a_removed_one() -> None:
    before = seal(b"text", context="x")
    first = keys.current_key_id()
    keys.add_key("second")
    keys.use_key("second", rotating=False)
    assert read_key_id(seal(b"text", context="x")) == b"second"
    assert unseal(before, context="x") == b"text"
    keys.remove_key(first)
    with pytest.raises(UnknownKeyError):
        unseal(before, context="x")


def test_another_process_agrees_on_the_first_key(folder: Path) -> None:
    program = (
        "import django; django.setup(); from llmasos.vault import keys; key_id = keys.current_key_id();"
        "print(key_id, keys.key_encryption_key(key_id).hex())"
    )
    environment = {
        **os.environ,
        "LLMASOS_KEY_ENCRYPTION_FOLDER": str(folder),
        "DJANGO_SETTINGS_MODULE": "llmasos.settings",
    }
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    running = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = {process.communicate()[0].strip() for process in running}
    key_id = keys.current_key_id()
    assert said == {f"{key_id} {keys.key_encryption_key(key_id).hex()}"}


def test_the_current_key_is_not_removed() -> None:
    with pytest.raises(KeySourceError):
        keys.remove_key(keys.current_key_id())


def test_a_name_is_never_given_to_two_keys() -> None:
    keys.current_key_id()
    keys.add_key("mine", key=b"a" * 32)
    keys.add_key("mine", key=b"a" * 32)
    with pytest.raises(KeySourceError):
        keys.add_key("mine", key=b"b" * 32)


@pytest.mark.parametrize("name", ["", "../k1", "a,b", "a:b", "é", "k" * 65])
def test_a_name_must_fit_files_and_settings(name: str) -> None:
    with pytest.raises(KeySourceError):
        keys.add_key(name)


def test_damaged_files_are_reported_in_words(folder: Path) -> None:
    keys.current_key_id()
    (folder / "current.json").write_text("{")
    keys._folder_at.cache_clear()
    with pytest.raises(KeySourceError, match="cannot be read"):
        keys.current_key_id()


def test_keys_from_the_environment_are_not_changed_here(settings: Settings) -> None:
    settings.KEY_ENCRYPTION_KEYS = {"k1": b"k" * 32}
    for change in (
        lambda: keys.add_key("k2"),
        lambda: keys.use_key("k1", rotating=True),
        lambda: keys.remove_key("k2"),
    ):
        with pytest.raises(KeySourceError, match="LLMASOS_KEY_ENCRYPTION_KEYS"):
            change()
