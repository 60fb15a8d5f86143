"""What must be found, and what must stay quiet: pairs from the published lists, and controls."""

from __future__ import annotations

from typing import Any

import pytest

from clinical_assist.medicines.checks import check
from clinical_assist.medicines.curating.expected import Reaction, expected
from clinical_assist.medicines.library import library
from clinical_assist.medicines.naming import reaction_named
from clinical_assist.medicines.ordering import read_order
from clinical_assist.medicines.types import Alert, Order, Patient


def order(text: str) -> Order:
    read = read_order(text)
    assert read.order is not None, read.questions
    return read.order


def alerts(*texts: str, **patient: Any) -> list[Alert]:
    return check(Patient(**patient), [order(text) for text in texts])


def tiers(found: list[Alert], kind: str) -> list[int]:
    return [alert.tier for alert in found if alert.kind == kind]


@pytest.mark.parametrize(("first", "second"), expected().pairs)
def test_a_high_priority_pair_stops_the_order(first: str, second: str) -> None:
    assert 1 in tiers(alerts(first, second), "interaction")


@pytest.mark.parametrize(("first", "second"), expected().quiet)
def test_a_pair_that_goes_together_is_quiet(first: str, second: str) -> None:
    assert alerts(first, second) == []


def test_what_is_taken_already_counts() -> None:
    found = alerts("sildenafil 50 mg", takes=(order("isosorbide mononitrate 60 mg daily"),))
    assert tiers(found, "interaction") == [1]


def test_what_is_taken_already_is_not_checked_by_itself() -> None:
    taken = (order("warfarin 5 mg daily"), order("naproxen 500 mg bd"))
    assert alerts("paracetamol 1 g qds", takes=taken) == []


@pytest.mark.parametrize("one", expected().reactions, ids=str)
def test_a_known_reaction_reaches_its_relatives_and_no_further(one: Reaction) -> None:
    known, _suggestions = reaction_named(one.to)
    assert known is not None
    assert min(tiers(alerts(one.ordered, allergies=(known,)), "allergy"), default=None) == one.tier


@pytest.mark.parametrize(
    ("text", "age", "tier"),
    [
        ("aspirin 75 mg daily", 15.9, 1),
        ("aspirin 75 mg daily", 16, None),
        ("codeine 15 mg qds", 11, 1),
        ("doxycycline 100 mg daily", 7, 1),
        ("doxycycline 100 mg daily", 10, 2),
        ("doxycycline 100 mg daily", 12, None),
        ("loperamide 2 mg daily", 1.5, 1),
        ("aspirin 75 mg daily", None, None),
    ],
)
def test_an_age_under_the_bound_of_a_rule_speaks_against_a_medicine(
    text: str, age: float | None, tier: int | None
) -> None:
    assert min(tiers(alerts(text, age=age), "laboratory"), default=None) == tier


def test_an_age_and_a_value_are_said_with_their_unit_and_not_otherwise_the_next_day() -> None:
    (seven, eight) = (alerts("codeine 30 mg prn", age=age)[0].text for age in (7.619, 7.622))
    assert seven == eight
    assert seven.startswith("age is 7 years: ")
    assert alerts("codeine 30 mg prn", age=0.8)[0].text.startswith("age is 9 months: ")
    found = alerts("spironolactone 25 mg daily", laboratory={"potassium": 6.3})
    assert found[0].said.startswith("spironolactone: potassium is 6.3 mmol/L: ")


def test_several_rules_of_one_pair_are_one_alert_with_the_strictest_first() -> None:
    (found,) = alerts("aspirin 75 mg daily", "warfarin 5 mg daily", age=50)
    assert (found.about, found.tier, len(found.of_rules)) == (("aspirin", "warfarin"), 2, 4)
    assert found.rule == "interaction:vitamin K antagonist+antiplatelet", (
        "of several as strict, the rule of the fewest pairs leads"
    )

    (found,) = alerts("simvastatin 20 mg daily", "clarithromycin 500 mg bd", age=50)
    assert [one.tier for one in found.of_rules] == sorted(one.tier for one in found.of_rules)


def test_each_measured_value_and_problem_is_a_reason_of_its_own() -> None:
    found = alerts(
        "ibuprofen 400 mg tds", age=50, problems=frozenset({"peptic ulcer", "heart failure"}),
        allergies=("NSAID", library().medicines["ibuprofen"]),
    )  # fmt: skip
    assert sorted(one.kind for one in found) == ["allergy", "problem", "problem"]


def test_two_medicines_of_one_kind_are_one_too_many() -> None:
    assert tiers(alerts("omeprazole 20 mg daily", "Protonix 40 mg daily"), "duplicate") == [2]


@pytest.mark.parametrize(("first", "second"), [("co-codamol", "paracetamol"), ("Percocet", "Solpadol")])
def test_what_two_products_both_hold_is_one_too_many(first: str, second: str) -> None:
    (found,) = (one for one in alerts(first, second) if one.kind == "duplicate")
    assert (found.rule, "paracetamol" in found.text) == ("duplicate:ingredient", True)


def test_a_low_dose_of_aspirin_beside_a_painkiller_is_no_duplicate() -> None:
    found = alerts("aspirin 75 mg daily", "ibuprofen 400 mg tds")
    assert (tiers(found, "duplicate"), tiers(found, "interaction")) == ([], [2])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("paracetamol 1 g qds", []),
        ("paracetamol 1 g six times a day", [2]),
        ("paracetamol 3 g qds", [1]),
        ("amlodipine 20 mg daily", [1]),
        ("levothyroxine 10 mcg daily", [3]),
        ("digoxin 0.25 mg daily", []),
        ("alendronate 70 mg once a week", []),
        ("methotrexate 15 mg once a week", []),
        ("methotrexate 15 mg daily", [1]),
        ("furosemide 40 mg", []),
    ],
)
def test_a_dose_is_held_against_its_usual_range(written: str, expected: list[int]) -> None:
    assert tiers(alerts(written, age=50), "dose") == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("semaglutide 2 mg daily", [1]),
        ("semaglutide 2 mg once a week", []),
        ("semaglutide 14 mg daily", []),
        ("Rybelsus 3 mg daily", []),
        ("dulaglutide 1.5 mg daily", [1]),
        ("tirzepatide 15 mg od", [1]),
        ("exenatide 2 mg daily", [1]),
        ("exenatide 2 mg weekly", []),
        ("alendronate 70 mg od", [1]),
        ("alendronate 10 mg daily", []),
        ("risedronate 35 mg daily", [1]),
        ("risedronate 5 mg daily", []),
        ("ibandronate 150 mg monthly", []),
        ("adalimumab 40 mg od", [2]),
        ("etanercept 25 mg two times a week", []),
        ("denosumab 60 mg od", [2]),
        ("darbepoetin 500 mcg daily", [1]),
        ("leuprorelin 45 mg od", [1]),
        ("leuprorelin 11.25 mg monthly", []),
        ("paliperidone 150 mg od", [1]),
        ("paliperidone 150 mg monthly", []),
        ("Xeplion 100 mg daily", [1]),
        ("fluphenazine 100 mg od", [1]),
        ("zuclopenthixol 600 mg od", [1]),
        ("haloperidol decanoate 100 mg daily", [1]),
        ("Abilify Maintena 400 mg monthly", []),
        ("testosterone 250 mg daily", [2]),
        ("Depo-Provera 150 mg daily", [1]),
        ("medroxyprogesterone 150 mg daily", [1]),
        ("medroxyprogesterone 10 mg daily", []),
        ("Myfortic 1 g twice a day", [2]),
    ],
)
def test_what_is_given_weekly_or_less_often_is_not_ordered_daily(written: str, expected: list[int]) -> None:
    assert tiers(alerts(written, age=50), "dose") == expected


@pytest.mark.parametrize("coumarin", ["warfarin", "acenocoumarol", "phenprocoumon"])
@pytest.mark.parametrize(
    "other",
    [
        "rifampicin",
        "carbamazepine",
        "phenytoin",
        "tamoxifen",
        "fenofibrate",
        "levothyroxine",
        "vitamin K",
        "colestyramine",
    ],
)
def test_every_vitamin_k_antagonist_has_the_same_rules(coumarin: str, other: str) -> None:
    assert tiers(alerts(coumarin, other, age=50), "interaction")


def test_a_retinoid_of_the_skin_is_none_of_the_blood() -> None:
    assert tiers(alerts("doxycycline", "Retin-A", age=30), "interaction") == []
    assert tiers(alerts("doxycycline", "isotretinoin", age=30), "interaction") == [1]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("amoxicillin 250 mg tds", []),
        ("amoxicillin 500 mg qds", [2]),
        ("ibuprofen 400 mg tds", [1]),
        ("amoxicillin 50 mg bd", [3]),
        ("ciprofloxacin 250 mg bd", [2]),
    ],
)
def test_a_childs_dose_goes_by_weight(written: str, expected: list[int]) -> None:
    assert tiers(alerts(written, age=4, weight=16), "dose") == expected


def test_a_childs_dose_without_a_weight_is_asked_for() -> None:
    assert [alert.rule for alert in alerts("amoxicillin 250 mg tds", age=4)] == ["dose:weight_unknown"]


@pytest.mark.parametrize(("clearance", "expected"), [(20, [1]), (40, [2]), (60, []), (None, [3])])
def test_the_strictest_bound_of_the_kidneys_counts(clearance: float | None, expected: list[int]) -> None:
    assert tiers(alerts("metformin 500 mg bd", age=70, clearance=clearance), "kidney") == expected


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ({"is_pregnant": True}, [1]),
        ({"is_pregnant": False, "sex": "female", "age": 30}, []),
        ({"sex": "female", "age": 30}, [3]),
        ({"sex": "female", "age": 70}, []),
        ({"sex": "male", "age": 30}, []),
    ],
)
def test_unknown_pregnancy_is_asked_and_never_taken_as_no(patient: dict[str, Any], expected: list[int]) -> None:
    assert tiers(alerts("lisinopril 10 mg daily", clearance=90, **patient), "pregnancy") == expected


def test_milk_counts() -> None:
    assert tiers(alerts("tramadol 50 mg qds", breastfeeds=True), "lactation") == [2]


def test_a_problem_of_the_record_speaks_against_a_medicine() -> None:
    found = alerts("propranolol 40 mg bd", problems=frozenset({"asthma", "gout"}))
    assert [(alert.rule, alert.tier) for alert in found] == [("problem:asthma", 1)]


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("ramipril 5 mg daily", 5.7, [2]),
        ("ramipril 5 mg daily", 6.2, [1]),
        ("ramipril 5 mg daily", 4.5, []),
        ("potassium chloride 20 mmol bd", 5.2, [1]),
        ("citalopram 20 mg daily", 3.0, [2]),
    ],
)
def test_a_laboratory_value_speaks_against_a_medicine(written: str, value: float, expected: list[int]) -> None:
    found = alerts(written, age=50, clearance=90, laboratory={"potassium": value})
    assert tiers(found, "laboratory") == expected


def test_the_worst_comes_first() -> None:
    found = alerts("simvastatin 40 mg daily", "clarithromycin 500 mg bd", "warfarin 5 mg daily", age=70)
    assert [alert.tier for alert in found] == sorted(alert.tier for alert in found)


def test_there_are_more_than_two_hundred_medicines_each_with_a_class() -> None:
    found = library().medicines.values()
    assert len(found) > 200
    assert [one.name for one in found if not one.classes] == []


def test_every_alert_has_its_rule_and_source() -> None:
    found = alerts("ibuprofen 400 mg tds", "warfarin 5 mg daily", age=70, clearance=25, is_pregnant=True)
    assert all(alert.rule and alert.source and alert.text for alert in found)
