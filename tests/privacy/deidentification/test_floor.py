"""A floor under the whole pipeline with its language model, on sentences of our own; all data is made up."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from llmasos.privacy.deidentification.evaluation import CasesError, measure, read_cases
from tests.privacy.deidentification.test_finding import STRUCTURED

pytestmark = pytest.mark.models

# Personal parts stand in braces.
SENTENCES = [
    "My name is {Amara Okafor} and I moved here from {Lisbon}.",
    "Please call {Jonas Lindqvist} at {+46 8 123 456 78} about card {4111 1111 1111 1111}.",
    "{Maria Silva} from {Contoso Ltd} lives at {12 Harbour Street, Bristol BS1 4ST}.",
    "Could you add {Tomasz Nowak} as a beneficiary? His mail is {tomasz@example.com}.",
    "Dear Mr. {Petrov}, your file {2026-03-14} was sent to {Bahnhofstraße 12, 8001 Zürich}.",
    "I used to work for {Fabrikam Inc}, my birthday is {4/12/1975}.",
    "患者姓名{林晓}，身份证号{11010519491231002X}，手机号{13800138000}。",
    "Why is {Katarina} so quiet? We met {Robert Johnson} in {Chicago}.",
]
CLINICAL = [
    "Fig. 2 shows a 3 cm mass. Hemoglobin was 9.8 g/dL, ALT 49 U/L and bilirubin 28.1 umol/L; Aspirin 81 mg was held.",
    "Crohn disease is a chronic inflammatory bowel disease. Symptoms include abdominal pain, diarrhea and fever.",
    "A Foley catheter was placed. Doppler ultrasound showed deep vein thrombosis; Heparin was started at 18 U/kg/hr.",
    "Metformin lowers blood glucose by reducing hepatic gluconeogenesis; lactic acidosis is a rare adverse effect.",
    "Romberg's sign was absent, the Glasgow Coma Scale was 15 and the Child-Pugh class was B with ascites.",
    "Penicillin allergy was noted, so Vancomycin and Ceftriaxone were given for suspected bacterial meningitis.",
]


def marked(sentence: str) -> dict[str, object]:
    text, spans = "", []
    for number, part in enumerate(sentence.replace("}", "{").split("{")):
        if number % 2:
            spans.append({"start": len(text), "end": len(text) + len(part), "type": "PERSONAL"})
        text += part
    return {"text": text, "spans": spans}


def write(path: Path, cases: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(case, ensure_ascii=False) for case in cases), encoding="utf-8")
    return path


def test_sentences_stay_above_the_floor(tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", [marked(sentence) for sentence in SENTENCES])
    figures = measure(read_cases(path), print)
    assert figures["recall"] >= 0.9, figures
    assert figures["f2"] >= 0.87, figures


def test_structured_types_are_found_whole(tmp_path: Path) -> None:
    cases: list[dict[str, object]] = [
        {"text": text, "spans": [{"start": text.index(value), "end": text.index(value) + len(value), "type": kind}]}
        for text, value, kind in STRUCTURED
    ]
    figures = measure(read_cases(write(tmp_path / "cases.jsonl", cases)), print)
    assert set(figures["by_type"].values()) == {1.0}, figures["by_type"]


def test_clinical_text_without_people_stays_as_it_is(tmp_path: Path) -> None:
    cases: list[dict[str, object]] = [{"text": text, "spans": []} for text in CLINICAL]
    figures = measure(read_cases(write(tmp_path / "cases.jsonl", cases)), print)
    assert figures["false_alarms_per_1000_words"] == 0


def test_a_line_that_is_no_case_is_named_without_its_words(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"text": "x", "spans": []}\n{"text": "Amara", "spans": [{"start": 0}]}\n', encoding="utf-8")
    with pytest.raises(CasesError, match="line 2") as raised:
        read_cases(path)
    assert "Amara" not in str(raised.value)


def test_the_installation_reaches_the_floor_on_outside_data() -> None:
    folder = os.environ.get("LLMASOS_EVALUATION_DATA")
    path = Path(folder or "", "clinical", "deidentification.jsonl")
    if folder is None or not path.is_file():
        pytest.skip("LLMASOS_EVALUATION_DATA names no folder with clinical/deidentification.jsonl")
    figures = measure(read_cases(path), lambda message: print(message, file=sys.stderr))
    assert figures["recall"] >= 0.9, figures
    assert figures["f2"] >= 0.87, figures
