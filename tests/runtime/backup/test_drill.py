"""The drill of the operator's guide, by its commands, onto a machine with servers of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmasos.accounts.models import Organisation
from llmasos.audit.types import Ref
from llmasos.privacy import services
from llmasos.runtime import locations
from tests import databases
from tests.canaries import in_files, make_canary
from tests.runtime.backup.conftest import OpenMachine
from tests.runtime.backup.test_restore import say

if TYPE_CHECKING:
    import redis

    from llmasos.accounts.principals import Principal


@pytest.fixture
def empty_machine(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "new"
    yield home
    for folder in (locations.services_folder(home), locations.socket_folder(home)):
        shutil.rmtree(folder, ignore_errors=True)


def run(home: Path, *arguments: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    given = {name: value for name, value in os.environ.items() if name != "LLMASOS_VAR"} | (environment or {})
    given["LLMASOS_VAR"] = str(home)
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments, "--json"],
        cwd=locations.repository_root(),
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_drill_onto_an_empty_machine(
    committed_database: str,
    officer: Principal,
    organisation: Organisation,
    machine: OpenMachine,
    valkey: redis.Redis,
    empty_machine: Path,
    tmp_path: Path,
) -> None:
    canary, passphrase = make_canary(), tmp_path / "passphrase"
    passphrase.write_text("correct horse battery\n")
    closed = ("--passphrase-file", str(passphrase))
    with machine("old") as old:
        servers = databases.process_environment(committed_database)
        servers["LLMASOS_KEY_ENCRYPTION_FOLDER"] = str(old / "secrets" / "keys")
        gone = say(organisation, f"I am {canary}")
        say(organisation, "I stay")
        run(old, "backup", str(tmp_path / "b"), *closed, environment=servers)
        services.erase_now(officer, Ref("visitor", gone.pk))
        exported = run(old, "privacy", "keys", "export", str(tmp_path / "k"), *closed, environment=servers)
        journal = old / "journal" / "erasures.jsonl"
    imported = run(empty_machine, "privacy", "keys", "import", str(tmp_path / "k"), *closed)
    assert imported["keys"] == exported["keys"]
    done = run(empty_machine, "restore", str(tmp_path / "b"), *closed, "--journal", str(journal))
    assert (done["erased_again"], done["faults"]) == (1, [])
    assert in_files([canary], folder=empty_machine) == []
    assert in_files([canary], folder=locations.services_folder(empty_machine)) == []
