from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from pytest_django import Settings

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.runtime import locations
from llmasos.runtime.backup import making, restoring
from llmasos.vault import keys, services
from tests import databases
from tests.services import VAR

OpenMachine = Callable[[str], AbstractContextManager[Path]]


@pytest.fixture
def machine(tmp_path: Path, settings: Settings) -> OpenMachine:
    """Point every folder at a machine's own, by its name."""

    @contextmanager
    def enter(name: str) -> Iterator[Path]:
        home = tmp_path / name
        settings.VAR = home
        settings.STORAGES = settings.STORAGES | {
            "default": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": home / "files"},
            }
        }
        settings.KEY_ENCRYPTION_FOLDER = home / "secrets" / "keys"
        settings.CHECKPOINT_FOLDER = home / "checkpoints"
        settings.CHECKPOINT_KEY_FOLDER = home / "checkpoint-keys"
        settings.CHECKPOINT_STORES = []
        settings.ERASURE_JOURNAL = home / "journal" / "erasures.jsonl"
        services._kept.clear()
        yield home

    return enter


def owner_url(database: str) -> str:
    return databases.database_url(locations.connection_urls(VAR).owner, database)


def back_up(path: Path, database: str, *, passphrase: str = "") -> making.Backup:
    return making.make(path, owner_url=owner_url(database), passphrase=passphrase)


def restore(path: Path, database: str, *, passphrase: str = "", **allowed: object) -> restoring.Restored:
    plan = restoring.Plan(path=path, owner_url=owner_url(database), passphrase=passphrase, **allowed)  # type: ignore[arg-type]
    return restoring.restore(plan)


def carry_keys(source: Path, target: Path) -> None:
    """What `privacy keys export` and `import` do, without the half second that a passphrase takes."""
    (target / "secrets").mkdir(parents=True, exist_ok=True)
    (target / "secrets" / "keys").mkdir(mode=0o700)
    for file in (source / "secrets" / "keys").glob("*.*"):
        (target / "secrets" / "keys" / file.name).write_bytes(file.read_bytes())
    keys.forget()


@pytest.fixture
def officer(organisation: Organisation, owner: Person) -> Principal:
    return Principal(organisation_id=organisation.pk, kind="person", id=owner.pk, roles=frozenset({"administrator"}))
