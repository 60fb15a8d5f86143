"""The deployment files themselves: well-formed, complete, and careful with rights and secrets."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.test_processes import DEPLOY, compose_services, unit
from tests.services import ROOT

COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **environment}
    )


def test_every_file_is_clean_yaml() -> None:
    rules = "{extends: default, rules: {document-start: disable, line-length: {max: 120}, comments: disable}}"
    done = run(sys.executable, "-m", "yamllint", "--strict", "-d", rules, "deploy")
    assert done.returncode == 0, done.stdout


def test_compose_file_follows_its_schema() -> None:
    done = run(
        sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(set(compose_services()) - {"prepare"}))
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    assert compose_services()[name]["healthcheck"]["test"]
    assert compose_services()[name]["restart"] == "unless-stopped"


def test_secrets_are_files_and_nowhere_else() -> None:
    used = {name for service in compose_services().values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    for service in compose_services().values():
        for variable, value in service.get("environment", {}).items():
            assert not re.search(r"PASSWORD$|SECRET_KEY$|_KEYS$|_URL$", variable), variable
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_volumes_and_networks_are_declared() -> None:
    for service in compose_services().values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (DEPLOY / source).exists()
        assert set(service["networks"]) <= set(COMPOSE["networks"])
    published = {name for name, service in compose_services().items() if "ports" in service}
    assert published == {"web"}
    assert compose_services()["web"]["ports"] == ["${LLMASOS_LISTEN:-127.0.0.1:8000}:8000"]


def test_made_secrets_are_those_that_compose_reads(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    for _ in range(2):
        done = run(sys.executable, "deploy/make_secrets.py", str(folder))
        assert done.returncode == 0, done.stderr
    assert "nothing was missing" in done.stdout
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert made["database_app_password"] in made["database_url"]
    assert made["valkey_config"].splitlines()[0] == f"requirepass {made['redis_url'].split(':')[2].split('@')[0]}"
    assert len(set(made.values())) == len(made)


def test_role_script_is_valid_shell() -> None:
    assert run("sh", "-n", "deploy/compose/postgres-roles.sh").returncode == 0


def test_image_is_built_in_stages_and_runs_without_root() -> None:
    instructions = re.sub(r"\\\n", " ", CONTAINERFILE)
    lines = [line.split(maxsplit=1) for line in instructions.splitlines() if line and line[0] not in "# "]
    known = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "CMD"}
    assert {name for name, _ in lines} <= known
    stages = [number for number, (name, _) in enumerate(lines) if name == "FROM"]
    assert len(stages) == 2
    assert lines[stages[0]][1].endswith(" AS build")
    last = lines[stages[1] :]
    users = [value for name, value in last if name == "USER"]
    assert users == ["10001:10001"]
    after = last[[name for name, _ in last].index("USER") :]
    assert not {name for name, _ in after} & {"RUN", "COPY"}
    assert ":latest" not in CONTAINERFILE


def test_everything_that_the_image_copies_exists_and_is_not_ignored() -> None:
    admitted = {
        line.removeprefix("!")
        for line in (DEPLOY / "Containerfile.dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for line in CONTAINERFILE.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
                assert any(Path(source).match(pattern) or source.split("/")[0] == pattern for pattern in admitted)
    from django.conf import settings

    for application in settings.LLMASOS_APPLICATIONS:
        assert f"COPY {application} {application}" in CONTAINERFILE


def test_default_command_of_the_image_is_the_web_server() -> None:
    command = re.search(r"^CMD (\[.*?\])$", re.sub(r"\\\n\s*", " ", CONTAINERFILE), re.MULTILINE)
    assert command is not None
    assert yaml.safe_load(command[1]) == compose_services()["web"]["command"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_unit_is_hardened_and_reads_secrets_as_credentials(path: Path) -> None:
    settings = unit(path)
    values = dict(settings)
    assert values["User"] == "llmasos"
    assert values["NoNewPrivileges"] == "yes"
    assert values["ProtectSystem"] == "strict"
    given = {value.split(":")[0] for key, value in settings if key == "LoadCredential"}
    variables = dict(pair.split("=", 1) for key, value in settings if key == "Environment" for pair in value.split())
    files = {value.removeprefix("%d/") for name, value in variables.items() if name.endswith("_FILE")}
    assert files == given
    assert not [name for name in variables if re.search(r"(PASSWORD|SECRET_KEY|_KEYS|_URL)$", name)]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_units_are_accepted_by_systemd(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        # The interpreter's place on this machine stands for the one on the operator's.
        text = path.read_text().replace("/opt/llmasos/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text)
    done = run(
        "systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir())), SYSTEMD_UNIT_PATH=f"{tmp_path}:"
    )
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "llmasos" in line]
    assert complaints == []


@pytest.mark.parametrize("name", ["containers", "compose", "systemd", "kubernetes", "nginx", "monitoring"])
def test_each_way_has_its_page(name: str) -> None:
    page = (ROOT / "docs" / "deploy" / f"{name}.md").read_text()
    for file in re.findall(r"`(deploy/[\w./-]+)`", page):
        assert (ROOT / file).exists() or file == "deploy/secrets", file
