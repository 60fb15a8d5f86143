"""The frame of a patient's pages, and who sees it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from clinical_assist.record.items import Allergy, Measurement, Medication, Problem
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

if TYPE_CHECKING:
    from llmasos.accounts.models import Person
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
TODAY = "/o/shop/clinical/today/"


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(clinic: Clinic) -> str:
    return f"/o/shop/clinical/patients/{clinic.patient.pk}/"


def recorded(clinic: Clinic, action: str) -> list[Entry]:
    with acting_in(clinic.id):
        return list(Entry.objects.filter(organisation_id=clinic.id, action=action))


def test_the_banner_names_the_patient_and_reading_is_recorded(clinic: Clinic) -> None:
    page = signed_in(clinic.doctor).get(page_of(clinic)).content.decode()
    assert "Marsh" in page
    assert "2 Apr 1958" in page
    (entry,) = recorded(clinic, "clinical.record_read")
    assert entry.subject_id == clinic.patient.pk


@pytest.mark.parametrize("task", ["intake", "differential", "plan", "note", "hand-out", "prescription"])
def test_every_page_of_a_visit_covers_itself_when_nobody_is_at_it(clinic: Clinic, task: str) -> None:
    client = signed_in(clinic.doctor)
    visit = f"/o/shop/clinical/encounters/{clinic.encounter.pk}/"
    client.post(f"{visit}note/act/", {"do": "draft"})
    page = client.get(f"{visit}{task}/").content.decode()
    assert 'id="lock"' in page
    assert "clinical_assist/patient/lock" in page


def test_unknown_allergies_are_not_shown_as_none(clinic: Clinic) -> None:
    client = signed_in(clinic.doctor)
    assert "Not known: ask" in client.get(page_of(clinic)).content.decode()
    with acting_in(clinic.id):
        clinic.patient.no_known_allergies_on = date(2026, 3, 3)
        clinic.patient.save()
    assert "None known on 3 Mar 2026" in client.get(page_of(clinic)).content.decode()


def test_the_most_dangerous_allergy_comes_first(clinic: Clinic) -> None:
    clinic.item("allergy", Allergy(name="Ibuprofen", severity="mild"))
    clinic.item("allergy", Allergy(name="Penicillin", criticality="high", severity="severe"))
    page = signed_in(clinic.doctor).get(page_of(clinic)).content.decode()
    assert page.index("Penicillin") < page.index("Ibuprofen")


def test_the_summary_has_problems_medicines_and_flagged_values_with_units(clinic: Clinic) -> None:
    day = timezone.localdate().isoformat()
    clinic.item("problem", Problem(name="Hypertension"))
    clinic.item("medication", Medication(name="Lisinopril", dose_text="10 mg once a day"))
    clinic.item(
        "laboratory",
        Measurement(name="Potassium", measure="potassium", value=5.9, unit="mmol/L", low=3.5, high=5.1, on=day),
    )
    page = signed_in(clinic.doctor).get(page_of(clinic)).content.decode()
    assert "Hypertension" in page
    assert "10 mg once a day" in page
    assert "5.9</strong> mmol/L" in page
    assert "▲ high" in page


def test_a_result_without_a_range_takes_that_of_the_last_one_and_says_so(clinic: Clinic) -> None:
    earlier = {"name": "Potassium", "measure": "potassium", "unit": "mmol/L", "on": "2026-01-05"}
    clinic.item("laboratory", Measurement(**earlier, value=4.4, low=3.5, high=5.1))
    sent = {"measure": "potassium", "value": "6.3 mmol/L"}
    client = signed_in(clinic.doctor)
    page = client.post(f"{page_of(clinic)}add/laboratory/", sent, follow=True).content.decode()
    assert "No range was given. Range as of the result of 2026-01-05." in page
    assert "6.3</strong> mmol/L" in page
    assert "▲ high" in page
    page = client.post(
        f"{page_of(clinic)}add/laboratory/", {"measure": "sodium", "value": "128 mmol/L"}, follow=True
    ).content.decode()
    assert "no range given" in page


def test_a_score_without_a_number_can_be_opened_with_the_record_too(clinic: Clinic) -> None:
    assert "calculators/cha2ds2_vasc/" in signed_in(clinic.doctor).get(page_of(clinic)).content.decode()


def test_the_banner_computes_kidney_function_from_creatinine_and_says_when_it_is_old(clinic: Clinic) -> None:
    day = (timezone.localdate() - timedelta(days=200)).isoformat()
    clinic.item("laboratory", Measurement(name="Creatinine", measure="creatinine", value=1.2, unit="mg/dL", on=day))
    banner = signed_in(clinic.doctor).get(page_of(clinic)).content.decode().split("</section>")[0]
    assert "mL/min/1.73 m²" in banner
    assert "CKD-EPI 2021, from creatinine" in banner
    assert ">old<" in banner


def test_a_colleague_outside_is_offered_emergency_access_and_refused_on_record(clinic: Clinic) -> None:
    answer = signed_in(clinic.colleague).get(page_of(clinic))
    assert answer.status_code == 403
    page = answer.content.decode()
    assert f"patient%3A{clinic.patient.pk}" in page
    assert "H-20418" not in page
    (entry,) = recorded(clinic, "clinical.record_refused")
    assert (entry.actor_id, entry.outcome) == (clinic.colleague.pk, "denied")


def test_an_administrator_opens_no_record(clinic: Clinic) -> None:
    assert signed_in(clinic.administrator).get(page_of(clinic)).status_code == 403


def test_todays_list_has_own_visits_and_is_recorded(clinic: Clinic) -> None:
    assert "Cough" in signed_in(clinic.doctor).get(TODAY).content.decode()
    assert "Cough" not in signed_in(clinic.colleague).get(f"{TODAY}?who=all").content.decode()
    assert len(recorded(clinic, "clinical.patients_listed")) == 2


def test_references_are_the_current_section_on_their_own_page_alone(clinic: Clinic) -> None:
    marked = 'aria-current="page">References'
    client = signed_in(clinic.doctor)
    assert marked in client.get("/o/shop/clinical/references/").content.decode()
    assert marked not in client.get(f"/o/shop/clinical/encounters/{clinic.encounter.pk}/plan/").content.decode()
