from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from clinical_assist.calculators.reading import InputsError, calculate
from clinical_assist.calculators.registry import find
from clinical_assist.calculators.types import CalculatorError
from clinical_assist.calculators.units import UnitError, convert

KIDNEY = {"age": 50, "sex": "female", "creatinine": 1.0}


@pytest.mark.parametrize(
    "written", ["88.4 umol/L", [88.4, "µmol/L"], {"value": 88.4, "unit": "μmol/L"}, "88,4 umol/L", 1.0]
)
def test_a_number_is_read_with_its_unit_however_it_is_written(written: object) -> None:
    found = calculate(find("ckd_epi_2021"), {**KIDNEY, "creatinine": written})
    assert found.used["creatinine"] == pytest.approx(1.0, rel=0.001)


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(InputsError) as caught:
        calculate(find("ckd_epi_2021"), {"creatinine": "1 mmHg", "age": 300, "colour": "red"})
    assert caught.value.problems.keys() == {"creatinine", "age", "sex", "colour"}


def test_a_value_that_looks_like_another_unit_is_refused() -> None:
    with pytest.raises(InputsError, match="look at the number and its unit"):
        calculate(find("ckd_epi_2021"), {**KIDNEY, "creatinine": 88.4})


def test_what_was_not_given_is_named_as_assumed() -> None:
    found = calculate(find("cha2ds2_vasc"), {"age": 70, "sex": "male", "diabetes": False})
    assert set(found.assumed) == {"heart_failure", "hypertension", "stroke", "vascular_disease"}


def test_names_of_other_forms_are_understood() -> None:
    found = calculate(
        find("CURB-65 Score for Pneumonia Severity"),
        {"Age": [70, "years"], "Blood Urea Nitrogen (BUN)": [10, "mg/dL"], "respiratory rate": 20,
         "Systolic Blood Pressure": 120, "Diastolic Blood Pressure": 80},
    )  # fmt: skip
    assert found.outcome.value == 1


def test_either_of_two_names_makes_a_finding_present() -> None:
    given = {"Bedridden recently >3 days": False, "Major surgery within 12 weeks": True}
    assert calculate(find("wells_dvt"), given).outcome.value == 1


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("ldl_friedewald", {"cholesterol": 300, "hdl": 40, "triglycerides": 450}),
        ("delta_ratio", {"sodium": 140, "chloride": 100, "bicarbonate": 24}),
        ("gestational_age", {"last_period": "2026-01-01", "on": "2025-01-01"}),
        ("morphine_equivalents", {}),
        ("morphine_equivalents", {"morphine": 10}),
    ],
)  # fmt: skip
def test_a_formula_says_where_it_does_not_hold(name: str, inputs: dict[str, Any]) -> None:
    with pytest.raises(CalculatorError):
        calculate(find(name), inputs)


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "analyte", "expected"),
    [
        (98.6, "[degF]", "Cel", "", 37.0),
        (10, "kPa", "mmHg", "", 75.0),
        (5, "mmol/L", "mg/dL", "glucose", 90.1),
        (2.5, "mmol/L", "mEq/L", "calcium", 5.0),
        (250_000, "/µL", "10*9/L", "", 250.0),
        (6, "mU/L", "mU/L", "", 6.0),
        (18, "months", "year", "", 1.5),
        (53, "mmol/mol", "%", "hba1c", 7.0),
        (53, "mmol/mol{Hb}", "%", "hba1c", 7.0),
        (7.0, "%", "mmol/mol", "hba1c", 53),
        (3.4, "mg/mmol", "mg/g", "creatinine", 30.06),
    ],
)
def test_units_are_converted(value: float, unit: str, wanted: str, analyte: str, expected: float) -> None:
    assert convert(value, unit, wanted, analyte=analyte) == pytest.approx(expected, rel=0.001)


@pytest.mark.parametrize("unit", ["mg/dL", "parrots", "kg", "1/0"])
def test_a_unit_of_another_kind_is_refused(unit: str) -> None:
    with pytest.raises(UnitError):
        convert(1.0, unit, "mmHg")


@given(st.floats(0.1, 30), st.sampled_from(["creatinine", "glucose", "bilirubin"]))
def test_there_and_back_is_the_same(value: float, analyte: str) -> None:
    there = convert(value, "mg/dL", "umol/L", analyte=analyte)
    assert convert(there, "umol/L", "mg/dL", analyte=analyte) == pytest.approx(value)


def test_the_command_prints_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("clinical", "calculate", "bmi", "--input", '{"weight": 80, "height": "2 m"}', "--json")
    printed = json.loads(capsys.readouterr().out)
    assert (printed["value"], printed["unit"]) == (20.0, "kg/m2")


@pytest.mark.parametrize("written", ["{", "[]", '{"weight": 80}'])
def test_the_command_says_what_is_wrong_with_its_input(written: str) -> None:
    with pytest.raises(CommandError):
        call_command("clinical", "calculate", "bmi", "--input", written)


def test_the_command_lists_the_inputs_of_a_calculator(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("clinical", "calculate", "bmi", "--json")
    assert json.loads(capsys.readouterr().out).keys() == {"weight", "height"}
