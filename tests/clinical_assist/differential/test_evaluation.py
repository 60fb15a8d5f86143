from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clinical_assist.differential.model import Model
from clinical_assist.evaluation import cases
from clinical_assist.evaluation.differential import measure
from clinical_assist.knowledge.reading import starter
from llmasos.retrieval.evaluators import EvaluationError
from tests.clinical_assist.differential.bases import knowledge

VIGNETTES = Path(__file__).parents[1] / "vignettes"


def _file(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def _row(**changes: Any) -> dict[str, Any]:
    findings = [{"code": "cough", "present": True}, {"code": "fever", "present": True}]
    return {
        "id": "1",
        "age": 30,
        "sex": "female",
        "findings": findings,
        "condition": ["flu"],
        "icd10": ["J10"],
    } | changes


def test_a_hit_is_a_category_or_a_name(tmp_path: Path) -> None:
    rows = _row(), _row(icd10=[], condition=["INFLUENZA"]), _row(icd10=["J09-J18"], condition=None), _row(icd10=["K35"])
    figures = measure(Model(knowledge()), cases.read(_file(tmp_path, *rows)), ask=0, progress=_quiet)
    assert figures["n"] == 4
    assert figures["top1"] == 0.75
    assert figures["ci95"]["top1"][0] < 0.75


def test_a_case_without_a_condition_counts_for_what_is_outside(tmp_path: Path) -> None:
    rows = _row(), _row(condition=None, icd10=None)
    figures = measure(Model(knowledge()), cases.read(_file(tmp_path, *rows)), ask=0, progress=_quiet)
    assert figures["outside_recognised"] == 0
    assert figures["top1"] == 1


def test_an_interview_starts_from_the_first_finding_and_counts_questions(tmp_path: Path) -> None:
    figures = measure(Model(knowledge()), cases.read(_file(tmp_path, _row())), ask=2, progress=_quiet)
    assert figures["questions"] == 2
    assert figures["top1"] == 1


def test_a_text_is_read_by_the_recogniser(tmp_path: Path) -> None:
    row = _row(text="She has a cough.", findings=[])
    figures = measure(Model(knowledge()), cases.read(_file(tmp_path, row)), ask=0, progress=_quiet)
    assert figures["top3"] == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": "1"}, "neither findings nor a text"),
        ({"id": "1", "text": "cough"}, "condition is missing"),
        (_row(age="old"), "age is a number"),
        (_row(findings=[{"present": True}]), "an object with a code"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    with pytest.raises(EvaluationError, match=f"line 1: .*{message}"):
        cases.read(_file(tmp_path, row))


def test_cases_of_another_base_are_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, _row(findings=[{"code": "E_1"}]))
    with pytest.raises(EvaluationError, match="--knowledge"):
        measure(Model(knowledge()), cases.read(path), ask=0, progress=_quiet)


def test_vignettes_in_plain_words_reach_the_floor() -> None:
    figures = measure(Model(starter()), cases.read(VIGNETTES / "held-out.jsonl"), ask=0, progress=_quiet)
    assert figures["top1"] >= 0.8
    assert figures["top5"] >= 0.9
    assert figures["outside_recognised"] >= 4 / 6
    assert figures["false_outside"] <= 0.1


def _quiet(_message: str) -> None:
    """Progress is for people."""
