"""Cases whose results were published with the formula, or follow from it by hand."""

from __future__ import annotations

from typing import Any

import pytest

from clinical_assist.calculators.reading import calculate
from clinical_assist.calculators.registry import CALCULATORS, find

ADULT = {"age": 55, "cholesterol": 213, "hdl": 50, "systolic": 120}
STABLE = {
    "respiratory_rate": 16, "oxygen_saturation": 97, "systolic": 120, "heart_rate": 70, "temperature": 37,
}  # fmt: skip

CASES: tuple[tuple[str, dict[str, Any], float], ...] = (
    ("bmi", {"weight": 80, "height": 200}, 20.0),
    ("bsa", {"weight": 80, "height": 180}, 2.0),
    ("ideal_body_weight", {"sex": "male", "height": "60 in"}, 50.0),
    ("adjusted_body_weight", {"sex": "female", "height": "60 in", "weight": 95.5}, 65.5),
    ("target_weight", {"bmi": 25, "height": 200}, 100.0),
    ("mean_arterial_pressure", {"systolic": 120, "diastolic": 60}, 80.0),
    ("maintenance_fluids", {"weight": 8}, 32.0),
    ("maintenance_fluids", {"weight": 15}, 50.0),
    # Cockcroft and Gault: (140 - 40) * 50 / (72 * 1), the ideal weight of a man of five feet.
    ("creatinine_clearance", {"age": 40, "sex": "male", "height": "60 in", "weight": 55, "creatinine": 1}, 69.44),
    # At the knot of the equation only age and sex are left: 142 * 0.9938 ** 50 * 1.012.
    ("ckd_epi_2021", {"age": 50, "sex": "female", "creatinine": 0.7}, 105.3),
    ("mdrd", {"age": 50, "sex": "male", "creatinine": 1}, 79.1),
    ("fractional_excretion_of_sodium", {"sodium": 140, "creatinine": 2, "urine_sodium": 35, "urine_creatinine": 100}, 0.5),
    ("corrected_calcium", {"calcium": 8, "albumin": 2}, 9.6),
    ("corrected_sodium", {"sodium": 130, "glucose": 600}, 142.0),
    ("serum_osmolality", {"sodium": 140, "urea_nitrogen": 28, "glucose": 180}, 300.0),
    ("free_water_deficit", {"age": 30, "sex": "male", "weight": 70, "sodium": 154}, 4.2),
    ("free_water_deficit", {"age": 70, "sex": "female", "weight": 60, "sodium": 154}, 2.7),
    ("anion_gap", {"sodium": 140, "chloride": 100, "bicarbonate": 20}, 20.0),
    ("albumin_corrected_anion_gap", {"sodium": 140, "chloride": 100, "bicarbonate": 20, "albumin": 2}, 25.0),
    ("delta_gap", {"sodium": 140, "chloride": 100, "bicarbonate": 20}, 8.0),
    ("albumin_corrected_delta_gap", {"sodium": 140, "chloride": 100, "bicarbonate": 20, "albumin": 2}, 13.0),
    ("delta_ratio", {"sodium": 140, "chloride": 100, "bicarbonate": 20}, 2.0),
    ("albumin_corrected_delta_ratio", {"sodium": 140, "chloride": 100, "bicarbonate": 20, "albumin": 3.2}, 2.5),
    ("homa_ir", {"insulin": 10, "glucose": 81}, 2.0),
    ("ldl_friedewald", {"cholesterol": 200, "hdl": 50, "triglycerides": 150}, 120.0),
    ("qtc_bazett", {"qt": 400, "heart_rate": 60}, 400.0),
    ("qtc_bazett", {"qt": 300, "heart_rate": 240}, 600.0),
    ("qtc_fridericia", {"qt": 300, "heart_rate": 480 / 1.6}, 513.0),
    ("qtc_framingham", {"qt": 400, "heart_rate": 120}, 477.0),
    ("qtc_hodges", {"qt": 400, "heart_rate": 80}, 435.0),
    ("qtc_rautaharju", {"qt": 360, "heart_rate": 60}, 360.0),
    ("cha2ds2_vasc", {"age": 76, "sex": "female", "hypertension": True, "diabetes": True, "stroke": True}, 7.0),
    ("cha2ds2_vasc", {"age": 65, "sex": "male", "heart_failure": True, "vascular_disease": True}, 3.0),
    ("has_bled", {"age": 66, "uncontrolled_hypertension": True, "drinks_per_week": 8, "labile_inr": True}, 4.0),
    ("heart_score", {"age": 70, "history": "highly suspicious", "electrocardiogram": "significant st deviation",
                     "troponin": ">3x normal", "atherosclerotic_disease": True}, 10.0),
    ("heart_score", {"age": 45, "hypertension": True, "diabetes": True}, 2.0),
    ("revised_cardiac_risk_index", {"insulin": True, "creatinine": "200 umol/L", "high_risk_surgery": True}, 3.0),
    # Goff DC and others 2014, table 4: the example that comes with the equations.
    ("ascvd_pooled_cohort", {**ADULT, "sex": "female", "equation": "white"}, 2.1),
    ("ascvd_pooled_cohort", {**ADULT, "sex": "female", "equation": "black"}, 3.0),
    ("ascvd_pooled_cohort", {**ADULT, "sex": "male", "equation": "white"}, 5.3),
    ("ascvd_pooled_cohort", {**ADULT, "sex": "male", "equation": "black"}, 6.1),
    ("wells_pe", {"heart_rate": 101, "dvt_signs": True, "most_likely": True, "haemoptysis": True}, 8.5),
    ("wells_dvt", {"calf_swelling": True, "tenderness": True, "other_diagnosis": True}, 0.0),
    ("perc", {"age": 49, "heart_rate": 99, "oxygen_saturation": 95}, 0.0),
    ("perc", {"age": 50, "heart_rate": 100, "oxygen_saturation": 94, "hormones": True}, 4.0),
    ("caprini", {"age": 62, "surgery": "arthroplasty", "malignancy": True}, 9.0),
    ("caprini", {"age": 30, "sex": "female", "pregnancy": True, "lost_pregnancies": True}, 2.0),
    ("centor", {"age": 8, "temperature": 38.5, "tonsillar_exudate": True, "tender_nodes": True}, 5.0),
    ("centor", {"age": 50, "temperature": 37, "cough": True}, -1.0),
    ("feverpain", {"fever": True, "early": True, "purulent_tonsils": True}, 3.0),
    ("curb_65", {"age": 65, "confusion": True, "urea_nitrogen": "7.5 mmol/L", "respiratory_rate": 30,
                 "systolic": 89, "diastolic": 61}, 5.0),
    ("psi", {"age": 80, "sex": "female", "nursing_home": True, "respiratory_rate": 32, "ph": 7.3}, 130.0),
    ("sirs", {"temperature": 39, "heart_rate": 95, "respiratory_rate": 14, "white_cells": 3}, 3.0),
    ("child_pugh", {"bilirubin": 2.5, "albumin": 3, "inr": 2, "ascites": "slight", "encephalopathy": "grade 3-4"}, 11.0),
    ("meld_na", {"creatinine": 0.6, "bilirubin": 0.5, "inr": 0.9, "sodium": 140}, 6.0),
    # Round(10 * (0.957 ln 2 + 0.378 ln 3 + 1.12 ln 2 + 0.643)) is 25; with a sodium of 130: 25 + 9.24 - 5.775.
    ("meld_na", {"creatinine": 2, "bilirubin": 3, "inr": 2, "sodium": 130}, 28.0),
    ("fib_4", {"age": 50, "ast": 80, "alt": 64, "platelets": 100}, 5.0),
    ("glasgow_blatchford", {"sex": "female", "urea_nitrogen": 10, "haemoglobin": 13, "systolic": 120, "heart_rate": 80}, 0.0),
    ("glasgow_blatchford", {"sex": "male", "urea_nitrogen": 80, "haemoglobin": 9, "systolic": 80, "heart_rate": 120,
                            "melaena": True, "syncope": True, "liver_disease": True, "heart_failure": True}, 23.0),
    ("glasgow_coma_scale", {"eyes": "no eye opening", "verbal": "no verbal response", "motor": "no motor response"}, 3.0),
    ("glasgow_coma_scale", {}, 15.0),
    ("sofa", {"pao2": 90, "fio2": 100, "ventilated": True, "platelets": 10, "bilirubin": 13, "norepinephrine": 0.2,
              "coma_scale": 3, "creatinine": 6}, 24.0),
    ("sofa", {"pao2": 90, "fio2": 21, "platelets": 200, "bilirubin": 1, "coma_scale": 15, "creatinine": 1}, 0.0),
    ("news2", STABLE, 0.0),
    ("news2", {**STABLE, "respiratory_rate": 25, "oxygen_saturation": 91, "oxygen": True, "not_alert": True}, 11.0),
    ("news2", {**STABLE, "oxygen_saturation": 97, "oxygen": True, "scale_2": True}, 5.0),
    ("news2", {**STABLE, "oxygen_saturation": 90, "oxygen": True, "scale_2": True}, 2.0),
    ("apgar", {"appearance": "1", "pulse": "2", "grimace": "2", "activity": "1", "respiration": "2"}, 8.0),
    ("charlson", {"age": 71, "heart_attack": True, "liver": "moderate to severe", "tumour": "metastatic"}, 13.0),
    ("apache_ii", {"age": 30, "temperature": 37, "systolic": 120, "diastolic": 80, "heart_rate": 80,
                   "respiratory_rate": 16, "fio2": 21, "pao2": 90, "ph": 7.4, "sodium": 140, "potassium": 4,
                   "creatinine": 1, "haematocrit": 40, "white_cells": 8, "coma_scale": 15}, 0.0),
    ("apache_ii", {"age": 76, "organ_failure": True, "temperature": 39.5, "systolic": 80, "diastolic": 40,
                   "heart_rate": 150, "respiratory_rate": 40, "fio2": 60, "pao2": 60, "paco2": 40, "ph": 7.2,
                   "sodium": 140, "potassium": 6.5, "creatinine": 3, "acute_renal_failure": True, "haematocrit": 28,
                   "white_cells": 25, "coma_scale": 7}, 48.0),
    ("gestational_age", {"last_period": "2026-01-01", "on": "2026-01-16"}, 15.0),
    ("morphine_equivalents", {"oxycodone": 10, "oxycodone_per_day": 4, "fentanyl_patch": 25}, 120.0),
    ("steroid_conversion", {"dose": 40, "from": "prednisone po", "to": "methylprednisolone po"}, 32.0),
)  # fmt: skip


@pytest.mark.parametrize(("name", "given", "expected"), CASES)
def test_a_worked_case(name: str, given: dict[str, Any], expected: float) -> None:
    assert calculate(find(name), given).outcome.value == pytest.approx(expected, rel=0.006, abs=0.1)


def test_every_calculator_has_a_worked_case() -> None:
    others = {"due_date", "conception_date", "framingham_hard_chd"}
    assert CALCULATORS.keys() - {name for name, _given, _expected in CASES} == others


@pytest.mark.parametrize(("given", "by_points"), [({"sex": "male"}, 8), ({"sex": "female", "smoker": True}, 5)])
def test_the_equation_is_near_the_table_of_points_that_was_made_from_it(given: dict[str, Any], by_points: int) -> None:
    """Adult Treatment Panel III: 8, 3, 0 and 0 points for the man, 8, 4, 4, 0 and 1 for the woman."""
    assert calculate(find("framingham_hard_chd"), {**ADULT, **given}).outcome.value == pytest.approx(by_points, abs=2)


@pytest.mark.parametrize(("name", "expected"), [("due_date", "2026-10-10"), ("conception_date", "2026-01-17")])
def test_a_date_of_a_pregnancy_follows_the_cycle(name: str, expected: str) -> None:
    given = {"last_period": "2026-01-01", "cycle_length": 30}
    assert calculate(find(name), given).outcome.text == expected
