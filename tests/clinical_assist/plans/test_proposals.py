from __future__ import annotations

from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import Patient
from clinical_assist.ordersets.reading import starter
from clinical_assist.plans.proposals import Proposal, propose


def _grown(**known: object) -> Patient:
    return Patient(**{"age": 45.0, "sex": "male", "weight": 80.0, "clearance": 95.0, **known})  # type: ignore[arg-type]


def _of(found: list[Proposal], medicine: str) -> Proposal:
    return next(one for one in found if one.line.medicine and one.line.medicine.name == medicine and not one.line.note)


def test_a_medicine_to_which_the_record_names_a_reaction_is_not_proposed_and_says_why() -> None:
    found = propose(_grown(allergies=(library().medicines["amoxicillin"],)), ["cellulitis"], starter())
    assert not _of(found, "flucloxacillin").fits
    assert "amoxicillin" in " ".join(_of(found, "flucloxacillin").against)
    assert _of(found, "clarithromycin").fits


def test_kidneys_rule_a_medicine_out_and_an_unknown_clearance_is_asked() -> None:
    low = _of(propose(_grown(sex="female", clearance=30.0, is_pregnant=False), ["cystitis"], starter()), "fosfomycin")
    assert low.fits
    ruled_out = [
        one
        for one in propose(_grown(sex="female", clearance=30.0, is_pregnant=False), ["cystitis"], starter())
        if one.line.least_clearance
    ]
    assert ruled_out
    assert not any(one.fits for one in ruled_out)
    unknown = propose(_grown(clearance=None), ["kidney_stone"], starter())
    assert "Kidney function is not known" in " ".join(_of(unknown, "diclofenac").first)


def test_pregnancy_turns_choices_round_and_is_asked_where_it_is_unknown() -> None:
    pregnant = propose(_grown(sex="female", age=28.0, is_pregnant=True), ["cellulitis"], starter())
    assert _of(pregnant, "erythromycin").fits
    assert not _of(pregnant, "clarithromycin").fits
    unknown = propose(_grown(sex="female", age=28.0), ["cellulitis"], starter())
    assert not _of(unknown, "erythromycin").fits
    assert _of(unknown, "clarithromycin").first == ("Ask whether she is pregnant.",)


def test_a_childs_dose_is_computed_from_the_weight_and_shown_with_it() -> None:
    found = propose(Patient(age=3.0, sex="female", weight=14.0), ["otitis_media"], starter())
    child = next(one for one in found if one.line.by_weight and one.line.medicine and one.fits and one.line.choice)
    assert child.text == "amoxicillin 560 mg 2 times a day (80 mg/kg a day, 14 kg)"
    assert child.order is not None
    assert child.order.dose == 560


def test_a_child_who_was_not_weighed_gets_no_dose() -> None:
    found = propose(Patient(age=3.0, sex="female"), ["otitis_media"], starter())
    assert not [one for one in found if one.line.kind == "medicine" and one.fits]


def test_lines_for_another_condition_of_the_same_set_stay_out() -> None:
    found = propose(_grown(), ["viral_pharyngitis"], starter())
    assert not [one for one in found if one.line.choice == "antibiotic"]
