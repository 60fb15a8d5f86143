from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clinical_assist.knowledge import library, measures, tables
from clinical_assist.knowledge.errors import KnowledgeError
from clinical_assist.knowledge.reading import as_document, build, starter
from tests.clinical_assist.differential.bases import document, knowledge


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR = tmp_path


@pytest.fixture
def counts(tmp_path: Path) -> list[Path]:
    evidences = {
        f"E_{n}": {"question_en": f"Question {n}?", "data_type": "B", "is_antecedent": n == 3} for n in (1, 2, 3)
    }
    probabilities = {
        "probabilities": {"A": {"E_1": 0.9, "E_2": 0.1, "E_3": 0.0}, "B": {"E_1": 0.1, "E_2": 0.9, "E_3": 0.5}},
        "condition_counts": {"A": 300, "B": 100},
    }
    paths = [tmp_path / "evidences.json", tmp_path / "probabilities.json"]
    for path, table in zip(paths, (evidences, probabilities), strict=True):
        path.write_text(json.dumps(table))
    return paths


def test_the_starter_is_whole_and_sourced() -> None:
    base = starter()
    assert len(base.conditions) >= 80
    assert all(condition.sources and condition.icd10 for condition in base.conditions)
    assert all(finding.phrases or finding.measure or finding.choice for finding in base.findings.values())
    assert any(condition.must_not_miss for condition in base.conditions)
    assert all(flag.source for flag in base.red_flags)


def test_a_written_base_reads_back_the_same() -> None:
    assert build(as_document(starter())) == starter()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conditions": {"x": {"name": "X", "rate": 1, "findings": "nothing=0.5"}}}, "nothing is not defined"),
        ({"conditions": {"x": {"name": "X", "rate": 1, "findings": "cough=1.5"}}}, "between 0 and 1"),
        ({"conditions": {"x": {"name": "X", "rate": 0}}}, "rate is above 0"),
        ({"findings": {"a": {"name": "A", "background": 0.2, "parent": "a"}}}, "lies within itself"),
        ({"noise": 0}, "noise"),
    ],
)
def test_a_base_that_is_not_consistent_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        knowledge(**change)


def test_counts_become_a_base_with_every_finding_of_every_condition(counts: list[Path]) -> None:
    base = build(tables.from_tables(counts, name="counted", version="1"))
    assert base.findings["E_1"].background == pytest.approx(0.7)
    assert base.conditions[0].findings == {"E_1": 0.9, "E_2": 0.1, "E_3": 0.0}


def test_a_list_of_symptoms_becomes_a_base(tmp_path: Path) -> None:
    path = tmp_path / "list.tsv"
    path.write_text(
        "disease_id\tdisease_label\tsymptom_id\tsymptom_label\nD1\tmumps\tS1\tfever\nD1\tmumps\tS2\tswelling\n"
    )
    base = build(tables.from_tables([path], name="listed", version="1"))
    assert base.conditions[0].findings == {"S1": tables.LISTED_CHANCE, "S2": tables.LISTED_CHANCE}


def test_an_import_is_kept_once_and_again_when_it_changed(counts: list[Path]) -> None:
    for _time in range(2):
        call_command("clinical", "knowledge", "import", *map(str, counts), "--knowledge", "counted", "--json")
    assert library.versions("counted") == ["1"]
    table = json.loads(counts[1].read_text())
    table["probabilities"]["A"]["E_1"] = 0.8
    counts[1].write_text(json.dumps(table))
    call_command("clinical", "knowledge", "import", *map(str, counts), "--knowledge", "counted", "--json")
    assert library.versions("counted") == ["1", "2"]
    assert library.load("counted").version == "2"


def test_an_unknown_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"a": {"b": 1}}')
    with pytest.raises(CommandError, match=r"other\.json is none of the tables"):
        call_command("clinical", "knowledge", "import", str(path), "--knowledge", "x")


def test_the_name_of_the_starter_is_taken() -> None:
    with pytest.raises(KnowledgeError, match="choose another name"):
        library.save(document(name="starter"))


def test_a_name_cannot_leave_the_folder() -> None:
    with pytest.raises(KnowledgeError, match="no name of a knowledge base"):
        library.load("../secrets")


def test_a_number_decides_the_findings_of_its_measure() -> None:
    assert measures.from_measurement(knowledge(), "temperature", 38.4, age=30) == {"hot": True}
    assert measures.from_measurement(knowledge(), "temperature", 37.1, age=30) == {"hot": False}


def test_a_phrase_with_an_empty_part_is_refused() -> None:
    findings = document()["findings"] | {"odd": {"name": "Odd", "background": 0.1, "phrases": ["+ odd"]}}
    with pytest.raises(KnowledgeError, match="Finding odd: the phrase '\\+ odd' has an empty part"):
        build(document(findings=findings))
