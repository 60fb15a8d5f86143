from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import Membership, Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

pytestmark = pytest.mark.django_db
PAGE = "/o/shop/clinical/differential/"
TEXT = "Crushing chest pain for two hours going down the left arm, no fever. His father had a stroke."


@pytest.fixture
def clinician(client: Client, organisation: Organisation) -> Client:
    person = Person.objects.create_user("clinician@shop.example", "correct horse battery")
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=person, role="clinician")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_text_becomes_findings_that_can_be_corrected(clinician: Client) -> None:
    page = clinician.post(PAGE, {"text": TEXT, "age": "54", "sex": "male"}).content.decode()
    assert _state(page, "chest_pain") == "present"
    assert _state(page, "fever") == "absent"
    assert "Consider urgent assessment" in page


def test_the_page_opens_without_a_text(clinician: Client) -> None:
    assert "What was told and seen" in clinician.get(PAGE).content.decode()


def test_an_age_that_cannot_be_is_said_and_stays_to_be_corrected(clinician: Client) -> None:
    page = clinician.post(PAGE, {"text": "A cough, aged 54.", "age": "500"}).content.decode()
    assert "Give the age in years, from 0 to 130." in page
    assert 'value="500"' in page


def test_a_text_that_is_too_long_is_said_and_kept_whole(clinician: Client) -> None:
    text = "No cough. " * 900 + "The end."
    page = clinician.post(PAGE, {"text": text}).content.decode()
    assert "The text is longer than 8000 characters." in page
    assert "The end.</textarea>" in page


def test_options_wait_until_they_are_asked_for(clinician: Client) -> None:
    hidden = clinician.post(PAGE, {"text": TEXT}).content.decode()
    shown = clinician.post(PAGE, {"text": TEXT, "own": "angina", "reveal": "1"}).content.decode()
    assert "Options to consider" not in hidden
    assert "Options to consider" in shown
    assert "Acute coronary syndrome" in shown
    assert "angina</textarea>" in shown


def test_the_log_has_which_options_were_shown_and_nothing_of_the_case(
    clinician: Client, organisation: Organisation
) -> None:
    clinician.post(PAGE, {"text": TEXT, "age": "54", "reveal": "1"})
    with acting_in(organisation):
        entry = Entry.objects.get(organisation_id=organisation.pk, action="clinical.differential_shown")
    assert entry.digests.keys() == {"knowledge", "findings", "options", "outside"}
    assert "acute_coronary_syndrome" in entry.digests["options"]


def test_what_was_corrected_stays_corrected(clinician: Client) -> None:
    data = {"text": TEXT, "read_before": TEXT, "state-chest_pain": "absent", "state-cough": "present"}
    page = clinician.post(PAGE, data).content.decode()
    assert _state(page, "chest_pain") == "absent"
    assert _state(page, "cough") == "present"
    assert "state-fever" not in page


def test_an_answer_becomes_a_finding(clinician: Client) -> None:
    page = clinician.post(PAGE, {"text": "cough", "answer": "fever:absent"}).content.decode()
    assert _state(page, "fever") == "absent"


def test_what_fits_nothing_is_said_to_be_outside(clinician: Client) -> None:
    text = "Hands and feet have grown, rings too tight. Craving salt."
    assert "Outside what I know" in clinician.post(PAGE, {"text": text, "reveal": "1"}).content.decode()


def test_a_changed_finding_replaces_the_case_alone(clinician: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "case"}
    assert "<html" not in clinician.post(PAGE, {"text": TEXT}, headers=headers).content.decode()


def test_the_differential_is_closed_to_other_roles(client: Client, teammate: Person) -> None:
    client.force_login(teammate, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(PAGE).status_code == 403


def _state(page: str, code: str) -> str:
    chosen = page.split(f'name="state-{code}"', 1)[1].split("</select>", 1)[0].split(" selected", 1)[0]
    return chosen.rsplit('value="', 1)[1].rstrip('"')


def test_a_chance_is_never_written_as_none_or_certain() -> None:
    from clinical_assist.intake.options import percent

    assert [percent(one) for one in (0.0001, 0.034, 0.56, 0.9999)] == ["< 0.1", "3.4", "56", "> 99"]
