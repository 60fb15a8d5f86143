"""The security documents: every test that they name exists, and every entry of a check-list is answered."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ["docs/threat-model.md", "docs/asvs.md", "docs/llm-top-10.md"]
LINK = re.compile(r"`([a-z_/0-9]+\.py)::(test_[a-z0-9_]+)`")
FILE = re.compile(r"`((?:platform|support_bot|tests|docs|deploy)/[A-Za-z0-9_./-]+\.[a-z]+)`")
ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \|([^|]*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
ANSWERS = {"met", "partly", "not met", "not applicable"}
# The requirements of levels 1 and 2 in each chapter of ASVS 5.0.0.
REQUIREMENTS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16,
    17: 7,
}  # fmt: skip


@cache
def names_in(name: str) -> frozenset[str]:
    path = ROOT / "tests" / name
    if not path.exists():
        return frozenset()
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_is_named_exists(document: str) -> None:
    named = LINK.findall((ROOT / document).read_text(encoding="utf-8"))
    assert named
    assert [f"{path}::{test}" for path, test in named if test not in names_in(path)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_named_exists(document: str) -> None:
    named = FILE.findall((ROOT / document).read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_each_defence_in_the_threat_model_names_a_test() -> None:
    text = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8").partition("## Who might attack")[2]
    rows = [line for line in text.partition("## What is not defended")[0].splitlines() if line.startswith("| ")]
    assert len(rows) > 30
    assert [row for row in rows if not row.startswith("| tries") and not LINK.search(row)] == []


def test_every_requirement_of_the_check_list_is_answered_once() -> None:
    rows = ROW.findall((ROOT / "docs/asvs.md").read_text(encoding="utf-8"))
    ids = [row[0] for row in rows]
    assert len(ids) == len(set(ids))
    counted = {chapter: sum(one.startswith(f"V{chapter}.") for one in ids) for chapter in REQUIREMENTS}
    assert counted == REQUIREMENTS


def test_every_answer_is_one_of_four_and_says_where_or_why() -> None:
    rows = ROW.findall((ROOT / "docs/asvs.md").read_text(encoding="utf-8"))
    wrong = [row[0] for row in rows if row[2].strip() not in ANSWERS or len(row[3].strip()) < 4]
    assert wrong == []


def test_the_ten_risks_of_language_models_are_all_there() -> None:
    text = (ROOT / "docs/llm-top-10.md").read_text(encoding="utf-8")
    assert re.findall(r"^## LLM(\d\d):2025", text, re.MULTILINE) == [f"{number:02d}" for number in range(1, 11)]
