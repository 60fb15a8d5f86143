from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from clinical_assist.models import Patient
from clinical_assist.plans.lines import Planned
from clinical_assist.plans.patient_facts import Facts, facts_of
from clinical_assist.record.items import Allergy, History, Item, Measurement, Medication, Problem
from clinical_assist.record.queries import summarised
from clinical_assist.record.types import Entry


def _days_ago(days: int) -> str:
    return (timezone.localdate() - timedelta(days=days)).isoformat()


def _read(*items: tuple[str, Item], sex: str = "female", born: date | None = date(1958, 4, 2), **known: Any) -> Facts:
    patient = Patient(sex=sex, birth_date=born, **known)
    entries = [
        Entry(uuid4(), kind, item, "hand", datetime(2026, 1, 1, tzinfo=UTC), "", None, is_corrected=False)
        for kind, item in items
    ]
    return facts_of(summarised(patient, "", entries))


def _value(measure: str, value: float, unit: str, days: int = 1) -> Measurement:
    return Measurement(name=measure, measure=measure, value=value, unit=unit, on=_days_ago(days))


def test_what_is_not_known_is_named_and_stays_unknown() -> None:
    found = _read()
    said = " ".join(found.missing)
    assert "Weight not known" in said
    assert "Creatinine not known" in said
    assert "Allergies not known" in said
    assert (found.patient.weight, found.patient.clearance, found.patient.is_pregnant) == (None, None, None)


def test_somebody_who_asked_for_allergies_and_heard_of_none_is_not_unknown() -> None:
    assert "Allergies" not in " ".join(_read(no_known_allergies_on=date(2026, 1, 2)).missing)


def test_an_old_laboratory_value_is_named_and_not_used() -> None:
    found = _read(("laboratory", _value("potassium", 6.2, "mmol/L", days=200)))
    assert "potassium" not in found.patient.laboratory
    assert any(one.startswith("Potassium is of") and "too old" in one for one in found.missing)


def test_a_value_comes_in_the_rules_unit_with_its_day_and_item() -> None:
    found = _read(("laboratory", _value("glucose", 3.3, "mmol/L")), ("laboratory", _value("potassium", 5.7, "mmol/L")))
    assert found.patient.laboratory == {"potassium": 5.7, "glucose": pytest.approx(59.45, abs=0.1)}
    fact = next(one for one in found.used if one.text.startswith("Potassium"))
    assert fact.on == timezone.localdate() - timedelta(days=1)
    assert fact.item is not None


def test_clearance_comes_from_the_calculators_equation() -> None:
    weight, height = ("vital", _value("weight", 60, "kg")), ("vital", _value("height", 165, "cm"))
    found = _read(weight, height, ("laboratory", _value("creatinine", 133, "umol/L")))
    age = found.patient.age
    assert age is not None
    # Ideal weight at 165 cm is 57.0 kg, under the actual one.
    assert found.patient.clearance == pytest.approx((140 - age) * 57.0 * 0.85 / (72 * 133 / 88.42), rel=0.01)


def test_an_old_creatinine_is_used_and_named_but_not_one_of_years_ago() -> None:
    weight = ("vital", _value("weight", 60, "kg"))
    old = _read(weight, ("laboratory", _value("creatinine", 2.4, "mg/dL", days=300)))
    assert old.patient.clearance is not None
    assert any(one.startswith("Creatinine is of") and "old, and used" in one for one in old.missing)
    assert _read(weight, ("laboratory", _value("creatinine", 2.4, "mg/dL", days=900))).patient.clearance is None


def test_a_childs_old_weight_is_no_weight() -> None:
    born = timezone.localdate() - timedelta(days=4 * 365)
    assert _read(("vital", _value("weight", 14, "kg", days=120)), born=born).patient.weight is None
    assert _read(("vital", _value("weight", 14, "kg", days=20)), born=born).patient.weight == 14


@pytest.mark.parametrize(
    ("item", "pregnant"),
    [
        (History(name="Pregnancy status", status="Pregnant", topic="pregnancy", on=_days_ago(60)), True),
        (History(name="Pregnancy status", status="Not pregnant", topic="pregnancy", on=_days_ago(10)), False),
        (History(name="Pregnancy status", status="Not pregnant", topic="pregnancy", on=_days_ago(90)), None),
        (History(name="Pregnant", topic="pregnancy", on=_days_ago(400)), None),
    ],
)
def test_pregnancy_holds_for_a_time(item: History, *, pregnant: bool | None) -> None:
    assert _read(("history", item)).patient.is_pregnant is pregnant


def test_medicines_reactions_and_problems_are_known_by_name_or_code_and_others_are_named() -> None:
    found = _read(
        ("medication", Medication(name="Lisinopril 10 MG Oral Tablet", medicine="lisinopril", dose=10, unit="mg")),
        ("medication", Medication(name="Snake oil")),
        ("medication", Medication(name="warfarin", status="stopped")),
        ("medication", Medication(name="amoxicillin", ended=_days_ago(3))),
        ("allergy", Allergy(name="Penicillins", category="medication")),
        ("allergy", Allergy(name="Peanut", category="food")),
        ("allergy", Allergy(name="Blue tonic", category="medication")),
        ("problem", Problem(name="Chronic kidney disease stage 3 (disorder)")),
        ("problem", Problem(name="Something", codings=(("http://hl7.org/fhir/sid/icd-10-cm", "I50.9", ""),))),
        ("problem", Problem(name="Gout", verification="refuted")),
    )
    assert [one.medicine.name for one in found.patient.takes] == ["lisinopril"]
    assert found.patient.allergies == ("penicillin",)
    assert found.patient.problems == {"kidney disease", "heart failure"}
    said = " ".join(found.missing)
    assert "Snake oil is not known here" in said
    assert "Blue tonic" in said
    assert "Peanut" not in said


def test_what_was_recent_once_is_so_no_longer() -> None:
    recent = _read(("problem", Problem(name="Myocardial infarction", on=_days_ago(20))))
    long_ago = _read(("problem", Problem(name="Myocardial infarction", on=_days_ago(900))))
    assert "recent heart attack" in recent.patient.problems
    assert long_ago.patient.problems == {"ischaemic heart disease"}


def test_a_very_high_pressure_of_today_is_uncontrolled_hypertension() -> None:
    found = _read(("vital", _value("systolic", 192, "mm[Hg]")), ("vital", _value("diastolic", 95, "mm[Hg]")))
    assert found.patient.problems == {"uncontrolled hypertension"}


def test_what_is_planned_for_counts_as_a_problem() -> None:
    found = facts_of(summarised(Patient(sex="male"), "", []), planned=[Planned(code="asthma", name="Asthma")])
    assert "asthma" in found.patient.problems
