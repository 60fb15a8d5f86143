from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from clinical_assist.medicines.library import library
from clinical_assist.medicines.naming import medicine_named, reaction_named
from clinical_assist.medicines.ordering import frequency, read_order

NAMES = sorted({name for one in library().medicines.values() for name in (one.name, *one.also, *one.brands)})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Zocor", "simvastatin"),
        ("ACETAMINOPHEN", "paracetamol"),
        ("metoprolol succinate XL", "metoprolol"),
        ("trimethoprim/sulfamethoxazole", "sulfamethoxazole-trimethoprim"),
        ("vitamin B12", "cyanocobalamin"),
    ],
)
def test_a_medicine_is_known_by_any_of_its_names(written: str, meant: str) -> None:
    found = medicine_named(written).medicine
    assert found is not None
    assert found.name == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ibuprofn", "ibuprofen"),
        ("amoxicilin", "amoxicillin"),
        ("levothyroxin", "levothyroxine"),
        ("Lipitr", "atorvastatin"),
    ],
)
def test_a_misspelt_name_is_asked_and_not_guessed(written: str, meant: str) -> None:
    found = medicine_named(written)
    assert found.medicine is None
    assert meant in found.suggestions


def test_names_that_look_alike_are_all_offered() -> None:
    assert {"hydroxyzine", "hydralazine"} <= set(medicine_named("hydralyzine").suggestions)


@given(st.sampled_from(NAMES), st.sampled_from([str.upper, str.lower, str.title]))
def test_a_name_is_known_in_any_case(name: str, written: object) -> None:
    assert medicine_named(written(name)).medicine is not None  # type: ignore[operator]


def test_a_reaction_may_name_a_class() -> None:
    assert reaction_named("Penicillins") == ("penicillin", ())
    assert reaction_named("penicilin")[0] is None
    assert "penicillin" in reaction_named("penicilin")[1]


@pytest.mark.parametrize(
    ("written", "times"),
    [
        ("three times a day", 3), ("3x daily", 3), ("tds", 3), ("t.i.d.", 3), ("twice daily", 2), ("bd", 2),
        ("every 8 hours", 3), ("q6h", 4), ("6-hourly", 4), ("at night", 1), ("once daily", 1), ("daily", 1),
        ("once a week", 1 / 7), ("every other day", 0.5), ("three times a week", 3 / 7), ("four times daily", 4),
        ("with food", None), ("every 0 hours", None),
    ],
)  # fmt: skip
def test_how_often_is_read(written: str, times: float | None) -> None:
    assert frequency(written) == (pytest.approx(times) if times is not None else None)


@pytest.mark.parametrize(
    ("written", "dose", "times"),
    [
        ("amoxicillin 500 mg three times a day for 7 days", 500, 3),
        ("Synthroid 0.1 mg every morning", 100, 1),
        ("paracetamol 1g qds prn", 1000, 4),
        ("insulin glargine 20 units at night", 20, 1),
        ("digoxin 250 micrograms daily", 250, 1),
    ],
)
def test_an_order_is_read_in_the_medicines_own_unit(written: str, dose: float, times: float) -> None:
    read = read_order(written)
    assert read.order is not None
    assert (read.order.dose, read.order.times_a_day, read.questions) == (pytest.approx(dose), times, ())


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("ibuprofn 400 mg tds", "Which medicine"),
        ("moonshine 5 ml daily", "No medicine is known"),
        ("amoxicillin 5 ml tds", "How much is that"),
        ("amoxicillin 500 mg", "How often"),
    ],
)
def test_what_is_not_clear_is_asked(written: str, asked: str) -> None:
    assert read_order(written).questions[0].startswith(asked)


def test_as_needed_needs_no_interval() -> None:
    assert read_order("glyceryl trinitrate 0.4 mg as needed").questions == ()


def test_the_command_prints_alerts_and_questions(capsys: pytest.CaptureFixture[str]) -> None:
    patient = json.dumps({"age": 70, "allergies": ["sulfa"], "takes": ["warfarin 5 mg daily"]})
    call_command("clinical", "check", "Bactrim 960 mg bd", "ibuprofn 400 mg tds", "--patient", patient, "--json")
    printed = json.loads(capsys.readouterr().out)
    assert {"allergy:sulfonamide antibiotic+sulfonamide antibiotic", "interaction:warfarin+CYP2C9 inhibitor"} <= {
        alert["rule"] for alert in printed["alerts"]
    }
    assert (len(printed["questions"]), printed["checked"]) == (1, ["sulfamethoxazole-trimethoprim"])


@pytest.mark.parametrize("patient", ["{", "[]", '{"name": "Ann"}'])
def test_the_command_refuses_what_it_does_not_know(patient: str) -> None:
    with pytest.raises(CommandError):
        call_command("clinical", "check", "paracetamol", "--patient", patient)
