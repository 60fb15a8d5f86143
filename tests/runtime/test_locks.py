from __future__ import annotations

import re
import tomllib

import pytest

from llmasos.runtime import locations
from llmasos.runtime.environment import CUDA_LOCK, DEVELOPMENT_LOCK, LOCK

LOCKS = (LOCK, CUDA_LOCK, DEVELOPMENT_LOCK)
ENTRY = re.compile(
    r"^([a-z0-9][a-z0-9._-]*)==(\S+)(?: ; [^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


def text(lock: str) -> str:
    return (locations.repository_root() / lock).read_text(encoding="utf-8")


def names(lock: str) -> set[str]:
    return {match[1] for match in ENTRY.finditer(text(lock))}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_names_versions_and_hashes_alone(lock: str) -> None:
    without_entries = ENTRY.sub("", text(lock))
    assert [line for line in without_entries.splitlines() if line and not line.startswith("#")] == []


def test_the_ordinary_lock_brings_no_cuda() -> None:
    assert [name for name in names(LOCK) if re.match(r"nvidia|cuda|triton", name)] == []


def test_the_cuda_lock_brings_cuda() -> None:
    assert "triton" in names(CUDA_LOCK)
    assert names(LOCK) < names(CUDA_LOCK)


@pytest.mark.parametrize("lock", [LOCK, CUDA_LOCK])
def test_every_dependency_of_the_platform_is_locked(lock: str) -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["platform"]]
    required = {re.split(r"[\[<>=; ]", requirement)[0].lower() for requirement in wanted}
    assert required - names(lock) == set()


def test_what_tests_need_is_locked_once() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    required = {re.split(r"[\[<>=; ]", item)[0].lower() for item in project["optional-dependencies"]["dev"]}
    assert required - names(DEVELOPMENT_LOCK) - names(LOCK) == set()
    assert names(DEVELOPMENT_LOCK) & names(CUDA_LOCK) == set()
