from __future__ import annotations

import ast
from pathlib import Path

import pytest

import llmasos.answering
from llmasos.answering.audit_rules import unsupported

PASSAGE = "Unopened items may be returned within 30 days, says Anna Berg of Oslo on 5 March 2026. Cash is not taken."


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("Unopened items may be returned within 14 days.", "number 14"),
        ("Unopened items may be returned, says Peter.", "name Peter"),
        ("Returned items, says Anna Berg on 6 March 2026.", "date 6 March 2026"),
        ("Unopened items may never be returned within 30 days.", "negation never"),
        ("Giraffes sleep while elephants travel quickly.", "0 of 5 content words"),
    ],
)
def test_each_rule_objects_to_what_the_passage_lacks(sentence: str, fault: str) -> None:
    assert fault in unsupported(sentence, [PASSAGE])


def test_a_sentence_of_the_passage_is_not_objected_to() -> None:
    assert unsupported("Cash is not taken.", [PASSAGE]) == []


def test_a_sentence_without_a_passage_is_objected_to() -> None:
    assert unsupported("Cash is not taken.", []) == ["cites nothing"]


def test_what_counts_and_what_decides_share_no_code() -> None:
    folder = Path(next(iter(llmasos.answering.__path__)))
    imports = {
        name: {
            alias
            for node in ast.walk(ast.parse((folder / f"{name}.py").read_text()))
            if isinstance(node, ast.ImportFrom)
            for alias in (node.module or "", *(f"{node.module}.{one.name}" for one in node.names))
        }
        for name in ("audit_rules", "check", "runs", "finding", "quoting", "words")
    }
    assert not any(one.startswith("llmasos") for one in imports["audit_rules"])
    assert not any("audit_rules" in one for name in imports if name != "audit_rules" for one in imports[name])
