"""Secrets stay where they are kept: not among a process's arguments, in a report or a readable file."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.test import Client

from llmasos.runtime import children, components, locations, metrics
from llmasos.runtime.doctor import examine
from llmasos.runtime.postgres import EmbeddedPostgres
from llmasos.runtime.valkey import EmbeddedValkey
from tests.services import VAR


def secrets() -> list[str]:
    """Every generated secret of this installation, and what is made of them."""
    folder = locations.secrets_folder(VAR)
    kept = [path.read_text().strip() for path in folder.rglob("*") if path.is_file() and path.name != "installation"]
    return [value for value in (*kept, settings.SECRET_KEY) if len(value) > 20]


def test_there_are_secrets_to_look_for(postgres: EmbeddedPostgres, valkey_server: EmbeddedValkey) -> None:
    assert len(secrets()) >= 5


def test_no_process_is_started_with_a_secret_among_its_arguments(
    postgres: EmbeddedPostgres, valkey_server: EmbeddedValkey
) -> None:
    commands = [
        postgres.command(),
        valkey_server.command(),
        components.web(host="127.0.0.1", port=8000).command(),
        components.beat().command(),
        *(components.worker(name).command() for name in components.WORKERS),
        components.once("prepare", "prepare"),
    ]
    said = " ".join(str(argument) for command in commands for argument in command.arguments)
    assert [secret for secret in secrets() if secret in said] == []


def test_no_running_server_shows_a_secret_in_the_list_of_processes(
    postgres: EmbeddedPostgres, valkey_server: EmbeddedValkey
) -> None:
    said = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert any(str(postgres.data) in line for line in said)
    # Counted, not compared: a failure must not print what other programs of this machine are called with.
    assert sum(secret in line for secret in secrets() for line in said) == 0


def test_the_servers_are_given_no_secret_in_their_environment(
    postgres: EmbeddedPostgres, valkey_server: EmbeddedValkey
) -> None:
    for server in (postgres, valkey_server):
        assert server.process is not None
        environment = psutil.Process(server.process.pid).environ()
        assert [name for name, value in environment.items() if value in secrets()] == []


@pytest.mark.django_db
def test_doctor_and_metrics_tell_no_secret(valkey: object) -> None:
    said = "".join(f"{finding.detail} {finding.way_out}" for finding in examine()) + metrics.render().decode()
    assert [secret for secret in secrets() if secret in said] == []


@pytest.mark.django_db
def test_metrics_are_for_who_has_their_token(valkey: object) -> None:
    assert Client().get("/metrics").status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    token = locations.secret("metrics")
    assert Client().get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_secrets_are_files_that_their_owner_alone_reads(postgres: EmbeddedPostgres) -> None:
    folder = locations.secrets_folder(VAR)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert [path for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)] == []


@pytest.mark.parametrize("folder", ["log", "run", "secrets"])
def test_folders_of_the_installation_are_private(tmp_path: Path, folder: str) -> None:
    made = locations.make_private_folder(tmp_path / "var" / folder)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_what_a_started_process_writes_is_for_its_user_alone(tmp_path: Path) -> None:
    script = "import pathlib; pathlib.Path('file').write_text('x'); pathlib.Path('folder').mkdir()"
    process = children.spawn(
        children.ChildCommand(arguments=[sys.executable, "-c", script], folder=tmp_path, log=tmp_path / "log" / "x.log")
    )
    assert process.wait(30) == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"file": 0o600, "folder": 0o700, "log": 0o700, "x.log": 0o600}


def test_what_a_command_writes_is_for_its_user_alone() -> None:
    script = (
        "import os, sys; sys.path.insert(0, 'platform')\n"
        "from unittest import mock\n"
        "from llmasos.runtime import entry\n"
        "with mock.patch('django.core.management.execute_from_command_line'):\n"
        "    entry._run('check', ['manage.py', 'check'])\n"
        "print(os.umask(0))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 0o077


def test_an_installation_without_its_secrets_names_files_and_not_their_content(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LLMASOS_")}
    broken = tmp_path / "database_url"
    broken.write_text("postgresql://somebody:sesame-open@nowhere.invalid/x")
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        env={**environment, "LLMASOS_VAR": str(tmp_path / "var"), "LLMASOS_PYTHON": "system",
             "DATABASE_URL_FILE": str(broken), "REDIS_URL": "redis://:sesame-too@127.0.0.1:1/0"},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert json.loads(done.stdout)
    assert "sesame" not in done.stdout + done.stderr
