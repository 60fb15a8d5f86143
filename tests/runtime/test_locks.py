from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

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


def test_nothing_that_runs_needs_what_only_tests_install() -> None:
    root = locations.repository_root()
    folders = [root / name for name in ("platform", "support_bot", "tutor", "clinical_assist")]
    # pip comes with every virtual environment.
    own = {"llmasos", "pip", *(folder.name for folder in folders), *sys.stdlib_module_names}
    brought = {module: {_normal(one) for one in found} for module, found in packages_distributions().items()}
    locked = {_normal(name) for name in names(LOCK)}
    missing = {
        f"{path.relative_to(root)}: {module}"
        for folder in folders
        for path in folder.rglob("*.py")
        for module in _imported(path)
        if module not in own and not brought.get(module, set()) & locked
    }
    assert missing == set()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported(path: Path) -> Iterator[str]:
    """The top-level modules that a file imports when it runs, not those that only a type checker reads."""
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting.extend(node.orelse)
        elif isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
        else:
            waiting.extend(ast.iter_child_nodes(node))
