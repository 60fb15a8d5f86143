from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from clinical_assist.medicines.library import library
from clinical_assist.medicines.naming import medicine_named, reaction_named
from clinical_assist.medicines.ordering import course, course_asked, frequency, in_words, read_order

NAMES = sorted({name for one in library().medicines.values() for name in (one.name, *one.also, *one.brands)})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Zocor", "simvastatin"),
        ("ACETAMINOPHEN", "paracetamol"),
        ("metoprolol succinate XL", "metoprolol"),
        ("trimethoprim/sulfamethoxazole", "sulfamethoxazole-trimethoprim"),
        ("vitamin B12", "cyanocobalamin"),
        ("Azopt", "brinzolamide"),
        ("Blocadren", "oral timolol"),
        ("Enstilar", "calcipotriol-betamethasone"),
        ("magnesium sulfate", "magnesium sulfate"),
        ("milnacipran", "milnacipran"),
        ("Methergine", "methylergometrine"),
        ("Syntometrine", "ergometrine-oxytocin"),
        ("Myfortic", "mycophenolate sodium"),
        ("mycophenolate mofetil", "mycophenolate"),
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
        ("every 4-6 hours", 6), ("4-6 hourly", 6), ("4 to 6 hours", 6), ("12-hourly", 2),
        ("once weekly in the morning", 1 / 7), ("twice a week", 2 / 7), ("twice weekly", 2 / 7), ("3x weekly", 3 / 7),
        ("once a year", None), ("once every 3 months", None), ("2 weekly", None), ("od weekly", None), ("once", 1),
        ("every Monday", 1 / 7), ("on Mondays and Thursdays", 2 / 7), ("Monday to Friday", None),
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
        ("levothyroxine 75 µg daily", 75, 1),
        ("digoxin 0,125 mg daily", 125, 1),
        ("paracetamol 1 g every 4 to 6 hours, max 4 g a day", 1000, 6),
        ("metformin 500 mg in the morning and 1 g at night", 1000, 1.5),
        ("metformin 500 mg one tablet twice a day, then review", 500, 2),
        ("co-codamol 30/500 2 tablets four times a day", 2, 4),
        ("paracetamol 1 g 4-6 hourly", 1000, 6),
        ("alendronic acid 70 mg once a week in the morning", 70, 1 / 7),
        ("amoxicillin 500 mg 3 times a day x 7 days", 500, 3),
        ("amoxicillin 250 mg/5 ml tds", 250, 3),
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
        ("metformin 1,000 mg twice a day", "Is “1,000 mg” 1000 or 1?"),
        ("heparin 5,000 units twice a day", "Is “5,000 units” 5000 or 5?"),
        ("heparin 1,000,000 units twice a day", "“1,000,000 units"),
        ("gentamicin 5 mg/kg once daily", "“5 mg/kg” goes by the body's size"),
        ("warfarin 5 at night", "“5 at night” is not read as one amount"),
        ("morphine 5 to 10 mg every 4 hours", "“5 to 10” is not read as one amount"),
        ("co-amoxiclav 500/125 mg tds", "“500/125 mg"),
        ("paracetamol 500 mg two tablets four times a day", "Is “500 mg” one of “two tablets” or all of it?"),
        ("salbutamol 2 puffs of 100 mcg four times a day", "Is “100 mcg” one of “2 puffs” or all of it?"),
        ("ramipril 2.5 mg daily, increase to 10 mg after a week", "More than one amount"),
        ("prednisolone 40 mg daily for 5 days, then twice a week", "More than one amount"),
        ("methotrexate 15 mg daily; bloods weekly", "More than one interval"),
        ("methotrexate 10 mg od weekly", "More than one interval"),
        ("methotrexate 10 mg daily (review monthly)", "More than one interval"),
        ("warfarin 5 mg daily, INR weekly", "More than one interval"),
        ("warfarin 5 mg nocte, weekly INR", "More than one interval"),
        ("clozapine 300 mg bd, monthly blood count", "More than one interval"),
        ("levothyroxine 100 mcg daily for 5 days a week", "More than one interval"),
        ("zoledronic acid 5 mg once a year", "How often"),
        ("diazepam 5mg-50mg daily", "“5mg -50mg” is not read as one amount"),
        ("levothyroxine 62.5mcg-500mcg daily", "“62.5mcg -500mcg” is not read"),
        ("paracetamol 500mg-1g qds", "“500mg -1g” is not read"),
        ("lorazepam 0.5mg–1mg bd", "“0.5mg –1mg” is not read"),
        ("warfarin 3mg/4mg daily", "“3mg /4mg” is not read"),
        ("paracetamol 1 g x4 daily", "“1 g x4” is not read"),
        ("paracetamol 1 g x4/day", "“1 g x4” is not read"),
        ("amoxicillin 500mg 2 bd", "“500mg 2” is not read"),
        ("warfarin 5mg 8 od", "“5mg 8” is not read"),
        ("amoxicillin 500mg ii qds", "“500mg ii” is not read"),
        ("amoxicillin 500 mg bd x2", "“500 mg x2” is not read"),
        ("tramadol 50mg up to 100mg qds", "More than one amount"),
        ("amoxicillin 500 mg tds and ibuprofen 400 mg tds", "Write one medicine a line: ibuprofen"),
    ],
)
def test_what_is_not_clear_is_asked(written: str, asked: str) -> None:
    assert read_order(written).questions[0].startswith(asked)


def test_what_was_not_clear_has_no_dose() -> None:
    order = read_order("metformin 1,000 mg twice a day").order
    assert order is not None
    assert (order.dose, order.times_a_day) == (None, 2)


def test_a_misspelt_order_comes_back_with_the_names_that_may_be_meant() -> None:
    assert read_order("hydralyzine 25 mg tds").meant == ("hydralazine 25 mg tds", "hydroxyzine 25 mg tds")


def test_what_was_read_is_said_in_words() -> None:
    said = [
        in_words(order)
        for text in (
            "Lasix 40 mg bd",
            "digoxin 0.25 mg daily",
            "methotrexate 15 mg weekly",
            "warfarin",
            "Tylenol 1 g prn",
        )
        if (order := read_order(text).order)
    ]
    assert said == [
        "furosemide, at most 40 mg at once, 80 mg a day",
        "digoxin, at most 250 micrograms at once, 250 micrograms a day",
        "methotrexate, at most 15 mg at once, 64.29 mg in 30 days",
        "warfarin; no amount was read: the dose is not checked",
        "paracetamol, at most 1000 mg at once; how often was not read: the day is not checked",
    ]


def test_for_how_long_is_read_out_of_an_order() -> None:
    assert course("prednisolone 40 mg daily for 5 days") == ("prednisolone 40 mg daily", 5)
    assert course("amoxicillin 500 mg tds with food for two weeks.") == ("amoxicillin 500 mg tds with food", 14)
    assert course("morphine 10 mg if needed for 5 days") == ("morphine 10 mg if needed", 5)
    assert course("aspirin 75 mg daily") == ("aspirin 75 mg daily", None)


@pytest.mark.parametrize(
    "written",
    [
        "apixaban 10 mg bd for 7 days then 5 mg bd",
        "amiodarone 200 mg three times a day for a week, twice a day for a week, daily thereafter",
        "levothyroxine 100 mcg daily for 5 days a week",
        "colchicine 500 mcg bd, do not repeat for 3 days",
        "methotrexate 15 mg weekly, withhold for 7 days",
        "colchicine 500 mcg bd if it hurts for 3 days",
    ],
)
def test_a_length_that_may_not_be_the_orders_is_asked_and_stays_in_its_words(written: str) -> None:
    assert course_asked(written)
    assert course(written) == (written, None)


def test_as_needed_needs_no_interval() -> None:
    assert read_order("glyceryl trinitrate 0.4 mg as needed").questions == ()


def test_the_command_prints_alerts_and_questions(capsys: pytest.CaptureFixture[str]) -> None:
    patient = json.dumps({"age": 70, "allergies": ["sulfa"], "takes": ["warfarin 5 mg daily"]})
    call_command("clinical", "check", "Bactrim 960 mg bd", "ibuprofn 400 mg tds", "--patient", patient, "--json")
    printed = json.loads(capsys.readouterr().out)
    assert {
        "allergy:sulfonamide antibiotic+sulfonamide antibiotic",
        "interaction:vitamin K antagonist+CYP2C9 inhibitor",
    } <= {alert["rule"] for alert in printed["alerts"]}
    assert (len(printed["questions"]), printed["checked"]) == (1, ["sulfamethoxazole-trimethoprim"])


@pytest.mark.parametrize("patient", ["{", "[]", '{"name": "Ann"}'])
def test_the_command_refuses_what_it_does_not_know(patient: str) -> None:
    with pytest.raises(CommandError):
        call_command("clinical", "check", "paracetamol", "--patient", patient)
