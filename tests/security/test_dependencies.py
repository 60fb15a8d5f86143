"""Locked packages: what an audit that reached nobody says, and licences that fit the product's own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest

from llmasos.runtime import dependencies
from llmasos.runtime.environment import CUDA_LOCK, DEVELOPMENT_LOCK, LOCK

Answer = Callable[[list[dict[str, object]]], None]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    def will_say(answers: list[dict[str, object]]) -> None:
        def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
            return subprocess.CompletedProcess(command, 0, json.dumps({"dependencies": answers}), "")

        monkeypatch.setattr(dependencies.subprocess, "run", run)

    return will_say


def test_an_audit_that_reached_nobody_is_not_a_clean_one(answer: Answer) -> None:
    answer([{"name": "django", "skip_reason": "could not be audited"}])
    found = dependencies.audit()
    assert (found.asked, found.status) == (0, dependencies.NOT_ASKED)
    assert "django" in found.not_asked


def test_a_package_that_was_skipped_among_others_is_named(answer: Answer) -> None:
    answer([{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "unknown"}])
    found = dependencies.audit()
    assert (found.asked, found.not_asked, found.status) == (1, ("b",), dependencies.NOT_ASKED)


def test_a_known_vulnerability_fails_the_audit(answer: Answer) -> None:
    answer([{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}])
    found = dependencies.audit()
    assert (found.vulnerable, found.status) == ({"a 1": ["PYSEC-1"]}, 1)


def test_a_clean_audit_ends_well(answer: Answer) -> None:
    answer([{"name": "a", "version": "1", "vulns": []}])
    assert dependencies.audit().status == 0


@pytest.mark.parametrize("lock", [LOCK, CUDA_LOCK, DEVELOPMENT_LOCK])
def test_every_locked_package_is_locked_by_its_hashes(lock: str) -> None:
    from llmasos.runtime.locations import repository_root

    text = (repository_root() / lock).read_text()
    packages = text.split("\n")
    starts = [number for number, line in enumerate(packages) if "==" in line and not line.startswith((" ", "#"))]
    assert len(starts) == len(dependencies.entries(lock))
    assert all("--hash=sha256:" in packages[number + 1] for number in starts)


def test_what_the_product_is_made_of_may_be_used_as_we_use_it() -> None:
    licences = {name: dependencies.licence_of(name) for name, _ in dependencies.entries(LOCK)}
    unfit = {name: said for name, said in licences.items() if said and not dependencies.PERMITTED.search(said)}
    assert unfit == {}
