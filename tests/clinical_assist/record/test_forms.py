"""The pages on which a record is written, searched and merged."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from clinical_assist.models import CareTeamMember, Encounter, Patient, RecordItem
from clinical_assist.record.items import Allergy, Measurement, Medication, Problem
from llmasos.accounts.tenancy import acting_in
from tests.clinical_assist.record.test_pages import page_of, recorded, signed_in

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough secret"
PATIENTS = "/o/shop/clinical/patients/"
DOUBLE = {"family_name": "Marsh", "given_names": "A.", "birth_date": "1958-04-02", "sex": "female"}


def contents(clinic: Clinic, kind: str) -> list[dict[str, object]]:
    with acting_in(clinic.id):
        rows = RecordItem.objects.for_organisation(clinic.id).filter(kind=kind, superseded_at=None)
        return [row.content for row in rows]


def test_a_likely_double_is_shown_before_anything_is_saved_and_nothing_typed_is_lost(clinic: Clinic) -> None:
    client = signed_in(clinic.doctor)
    answer = client.post(f"{PATIENTS}add/", DOUBLE)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert page_of(clinic) in page
    assert 'value="1958-04-02"' in page
    assert client.post(f"{PATIENTS}add/", {**DOUBLE, "accepted": "on"}).status_code == 302
    with acting_in(clinic.id):
        assert Patient.objects.for_organisation(clinic.id).count() == 2


def test_a_patient_is_corrected_on_the_page(clinic: Clinic) -> None:
    values = {"family_name": "Marsh-Lee", "sex": "female", "number": "H-20418", "revision": "1"}
    assert signed_in(clinic.doctor).post(f"{page_of(clinic)}correct/", values).status_code == 302
    with acting_in(clinic.id):
        assert Patient.objects.for_organisation(clinic.id).get().family_name == "Marsh-Lee"


@pytest.mark.parametrize("words", ["mars", "ada marsh", "H-20418", "1958-04-02", "2.4.1958 marsh"])
def test_own_patients_are_found_by_what_one_knows_of_them(clinic: Clinic, words: str) -> None:
    assert page_of(clinic) in signed_in(clinic.doctor).post(PATIENTS, {"q": words}).content.decode()
    (entry,) = recorded(clinic, "clinical.patients_searched")
    assert entry.digests["count"] == 1
    assert words not in str(entry.digests)


def test_a_stranger_is_found_by_the_whole_number_only(clinic: Clinic) -> None:
    client = signed_in(clinic.colleague)
    assert page_of(clinic) not in client.post(PATIENTS, {"q": "marsh"}).content.decode()
    assert page_of(clinic) in client.post(PATIENTS, {"q": "h-20418"}).content.decode()


def test_a_misspelt_medicine_is_asked_about_and_never_guessed(clinic: Clinic) -> None:
    client, page = signed_in(clinic.doctor), f"{page_of(clinic)}add/medication/"
    typed = {"name": "metfromin", "dose_text": "500 mg twice a day", "status": "active"}
    answer = client.post(page, typed)
    assert answer.status_code == 422
    assert 'value="metformin"' in answer.content.decode()
    assert contents(clinic, "medication") == []
    client.post(page, {**typed, "meant": "metformin"})
    (found,) = contents(clinic, "medication")
    assert (found["medicine"], found["dose"], found["times_a_day"]) == ("metformin", 500, 2)


def test_a_brand_is_kept_as_written_and_known_by_its_generic_name(clinic: Clinic) -> None:
    signed_in(clinic.doctor).post(f"{page_of(clinic)}add/medication/", {"name": "Glucophage", "status": "active"})
    (found,) = contents(clinic, "medication")
    assert (found["name"], found["medicine"]) == ("Glucophage", "metformin")


def test_an_allergy_to_a_class_is_known_to_the_checks(clinic: Clinic) -> None:
    typed = {"name": "sulfa", "category": "medication", "status": "active"}
    signed_in(clinic.doctor).post(f"{page_of(clinic)}add/allergy/", typed)
    assert contents(clinic, "allergy")[0]["medicine"] == "sulfonamide antibiotic"


def test_vital_signs_are_written_together_with_their_units(clinic: Clinic) -> None:
    typed = {"temperature": "101.3 F", "systolic": "128", "diastolic": "82"}
    signed_in(clinic.doctor).post(f"{page_of(clinic)}add/vitals/", typed)
    found = {one["measure"]: (one["value"], one["unit"]) for one in contents(clinic, "vital")}
    assert found == {"temperature": (101.3, "[degF]"), "systolic": (128, "mm[Hg]"), "diastolic": (82, "mm[Hg]")}
    with acting_in(clinic.id):
        rows = RecordItem.objects.for_organisation(clinic.id)
        assert {row.encounter_id for row in rows} == {clinic.encounter.pk}


def test_a_value_that_is_not_believable_is_refused_and_kept_in_the_form(clinic: Clinic) -> None:
    answer = signed_in(clinic.doctor).post(f"{page_of(clinic)}add/vitals/", {"temperature": "386"})
    assert answer.status_code == 422
    assert 'value="386"' in answer.content.decode()


def test_a_medicine_is_not_stopped_before_it_was_begun(clinic: Clinic) -> None:
    sent = {"name": "Lithium", "status": "stopped", "on": "2026-01-01", "ended": "2025-01-01"}
    answer = signed_in(clinic.doctor).post(f"{page_of(clinic)}add/medication/", sent)
    assert "stopped before it was begun" in answer.content.decode()


def test_a_pregnancy_is_not_offered_for_a_man_or_late_in_life(clinic: Clinic) -> None:
    offered = "add/pregnancy/"
    client = signed_in(clinic.doctor)
    assert offered not in client.get(page_of(clinic)).content.decode()
    with acting_in(clinic.id):
        clinic.patient.birth_date = date(1990, 1, 1)
        clinic.patient.save()
    assert offered in client.get(page_of(clinic)).content.decode()


def test_a_pressure_may_be_written_as_one(clinic: Clinic) -> None:
    signed_in(clinic.doctor).post(f"{page_of(clinic)}add/vitals/", {"systolic": "128/82 mmHg"})
    assert {one["measure"]: one["value"] for one in contents(clinic, "vital")} == {"systolic": 128, "diastolic": 82}


def test_a_diastolic_pressure_is_below_the_systolic_one(clinic: Clinic) -> None:
    answer = signed_in(clinic.doctor).post(f"{page_of(clinic)}add/vitals/", {"systolic": "80", "diastolic": "120"})
    assert "not below the systolic one" in answer.content.decode()
    assert not contents(clinic, "vital")


def test_a_weight_far_from_the_one_before_is_asked_about(clinic: Clinic) -> None:
    client, there = signed_in(clinic.doctor), f"{page_of(clinic)}add/vitals/"
    client.post(there, {"weight": "82 kg"})
    asked = client.post(there, {"weight": "8200 g"}).content.decode()
    assert "Weight was 82 kg on" in asked
    client.post(there, {"weight": "8.2", "sure": "on"})
    assert sorted(one["value"] for one in contents(clinic, "vital")) == [8.2, 82]


def test_hba1c_in_either_unit_is_the_same_sugar(clinic: Clinic) -> None:
    client = signed_in(clinic.doctor)
    client.post(f"{page_of(clinic)}add/laboratory/", {"measure": "hba1c", "value": "53 mmol/mol"})
    assert "7</strong> %" in client.get(page_of(clinic)).content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"low": "7.8", "high": "3.9"}, "ends before it begins"), ({"value": "<5"}, "is in the record")],
)
def test_ranges_and_bounds_of_results(clinic: Clinic, typed: dict[str, str], said: str) -> None:
    sent = {"measure": "crp", "value": "5 mg/L", **typed}
    answer = signed_in(clinic.doctor).post(f"{page_of(clinic)}add/laboratory/", sent, follow=True)
    assert said in answer.content.decode()
    assert [one["text"] for one in contents(clinic, "laboratory")] in ([], ["<5 mg/L"])


def test_a_result_is_shown_in_the_units_of_the_reader(clinic: Clinic) -> None:
    client = signed_in(clinic.doctor)
    typed = {"measure": "creatinine", "value": "88.4 µmol/L", "high": "106"}
    client.post(f"{page_of(clinic)}add/laboratory/", typed)
    assert "1 mg/dL" in client.get(page_of(clinic)).content.decode().replace("</strong>", "")
    client.post("/o/shop/clinical/units/", {"units": "si", "next": page_of(clinic)})
    page = client.get(page_of(clinic)).content.decode()
    assert "88.4</strong> µmol/L" in page
    assert 'title="1 mg/dL"' in page


def test_an_entry_shows_all_its_versions(clinic: Clinic) -> None:
    client = signed_in(clinic.doctor)
    row = clinic.item("problem", Problem(name="Hypertention"))
    typed = {"name": "Hypertension", "status": "active", "verification": "confirmed"}
    new = client.post(f"{page_of(clinic)}items/{row.pk}/correct/", typed)["Location"]
    page = client.get(new).content.decode()
    assert page.index("Hypertension</strong>") < page.index("Hypertention</strong>")


def test_versions_say_what_was_corrected_beside_the_name(clinic: Clinic) -> None:
    client = signed_in(clinic.doctor)
    row = clinic.item("allergy", Allergy(name="Penicillin", severity="mild"))
    typed = {"name": "Penicillin", "category": "medication", "severity": "severe", "status": "active"}
    new = client.post(f"{page_of(clinic)}items/{row.pk}/correct/", typed)["Location"]
    page = client.get(new).content.decode()
    assert page.index(">severe</span>") < page.index(">mild</span>")


def test_a_medicine_is_stopped_on_its_page(clinic: Clinic) -> None:
    row = clinic.item("medication", Medication(name="Lisinopril"))
    signed_in(clinic.doctor).post(f"{page_of(clinic)}items/{row.pk}/end/")
    assert contents(clinic, "medication")[0]["status"] == "stopped"


def test_a_visit_without_a_time_begins_at_once(clinic: Clinic) -> None:
    typed = {"reason": "Rash", "clinician": str(clinic.doctor.pk)}
    signed_in(clinic.doctor).post(f"{page_of(clinic)}visits/", typed)
    with acting_in(clinic.id):
        found = Encounter.objects.for_organisation(clinic.id).exclude(pk=clinic.encounter.pk).get()
        assert (found.state, found.reason) == ("open", "Rash")


def test_a_colleague_joins_through_the_care_team_page(clinic: Clinic) -> None:
    typed = {"person": str(clinic.colleague.pk), "part": "consulted"}
    signed_in(clinic.doctor).post(f"{page_of(clinic)}care-team/", typed)
    assert signed_in(clinic.colleague).get(page_of(clinic)).status_code == 200


def test_a_patient_without_a_care_team_can_be_taken_over(clinic: Clinic) -> None:
    with acting_in(clinic.id):
        CareTeamMember.objects.for_organisation(clinic.id).update(until=timezone.now())
    client = signed_in(clinic.colleague)
    assert "take-over" in client.get(page_of(clinic)).content.decode()
    client.post(f"{page_of(clinic)}take-over/")
    assert client.get(page_of(clinic)).status_code == 200


def test_two_patients_are_compared_merged_and_separated(clinic: Clinic) -> None:
    client = signed_in(clinic.doctor)
    client.post(f"{PATIENTS}add/", {**DOUBLE, "number": "X-7", "accepted": "on"})
    with acting_in(clinic.id):
        other = Patient.objects.for_organisation(clinic.id).exclude(pk=clinic.patient.pk).get()
    page = f"{page_of(clinic)}merge/"
    assert str(other.pk) in client.post(page, {"q": "X-7"}).content.decode()
    assert "X-7" in client.post(page, {"other": str(other.pk)}).content.decode()
    client.post(page, {"other": str(other.pk), "agreed": "1"})
    assert page_of(clinic) in client.post(PATIENTS, {"q": "X-7"}).content.decode()
    client.post(f"{PATIENTS}{other.pk}/unmerge/")
    with acting_in(clinic.id):
        assert Patient.objects.for_organisation(clinic.id).get(pk=other.pk).merged_into is None


def test_a_calculator_is_filled_and_names_what_is_old_and_missing(clinic: Clinic) -> None:
    day = (timezone.localdate() - timedelta(days=200)).isoformat()
    clinic.item("laboratory", Measurement(name="Creatinine", measure="creatinine", value=88.4, unit="umol/L", on=day))
    client, page = signed_in(clinic.doctor), f"{page_of(clinic)}calculators/creatinine_clearance/"
    shown = client.get(page).content.decode()
    assert re.search(r'name="creatinine"[^>]* value="1"|value="1"[^>]* name="creatinine"', shown)
    assert "Old values, look before you use them: Serum creatinine" in " ".join(shown.split())
    assert "Not in the record: Weight, Height" in " ".join(shown.split())
    typed = {"age": "68", "sex": "female", "weight": "60", "height": "165", "creatinine": "1"}
    assert "Result" in client.post(page, typed).content.decode()
    (entry,) = recorded(clinic, "clinical.calculated")
    assert entry.subject_id == clinic.patient.pk


def test_five_idle_minutes_lock_pages_and_refuse_what_is_sent(clinic: Clinic) -> None:
    client = signed_in(clinic.doctor)
    client.get(page_of(clinic))
    session = client.session
    session["clinical_seen"] = int(time.time()) - 301
    session.save()
    answer = client.get(page_of(clinic))
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert client.post(f"{page_of(clinic)}visits/", {"reason": "Rash"}).status_code == 423
    assert client.post("/o/shop/clinical/awake/").status_code == 423


def test_a_page_that_covered_itself_stays_locked_until_a_proof(clinic: Clinic) -> None:
    client = signed_in(clinic.doctor)
    assert client.post("/o/shop/clinical/awake/", {"lock": "1"}).status_code == 204
    assert client.post("/o/shop/clinical/awake/").status_code == 423
    assert client.get(page_of(clinic)).status_code == 302


def test_a_fresh_proof_unlocks(clinic: Clinic) -> None:
    clinic.doctor.set_password(PASSWORD)
    clinic.doctor.save()
    client = signed_in(clinic.doctor)
    client.post("/o/shop/clinical/awake/", {"lock": "1"})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get(page_of(clinic)).status_code == 200
