"""The note's pages: drafting, saving by form and by script, conflicts with both texts, and the way to a signature."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from clinical_assist.notes.sections import sections_of, sentences
from clinical_assist.notes.services import seen
from clinical_assist.record.items import Allergy, Medication
from llmasos.accounts.tenancy import acting_in
from tests.clinical_assist.conftest import signed_in

if TYPE_CHECKING:
    from clinical_assist.models import Note
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(client: Client, clinic: Clinic) -> Client:
    clinic.item("allergy", Allergy(name="Penicillin", reaction="rash"))
    return signed_in(client, clinic.doctor)


def address(clinic: Clinic, name: str = "note") -> str:
    return reverse(f"clinical_assist:{name}", args=[clinic.organisation.slug, clinic.encounter.pk])


def act(client: Client, clinic: Clinic, what: str) -> Any:
    return client.post(address(clinic, "note_act"), {"do": what}, follow=True)


def note_of(clinic: Clinic) -> Note:
    from clinical_assist.models import Note

    with acting_in(clinic.id):
        return Note.objects.get()


def reason(clinic: Clinic) -> Any:
    return next(one for one in sentences(sections_of(note_of(clinic).sections)) if one.drafted.startswith("Reason"))


def all_opened(clinic: Clinic) -> list[str]:
    return [one.key for one in sentences(sections_of(note_of(clinic).sections)) if one.must_open]


def sign(client: Client, clinic: Clinic, birth_date: str = "1958-04-02") -> Any:
    data = {"birth_date": birth_date, "revision": note_of(clinic).revision}
    return client.post(address(clinic, "note_sign"), data, follow=True)


def test_a_drafted_note_shows_each_sentence_with_its_source(doctor: Client, clinic: Clinic) -> None:
    page = act(doctor, clinic, "draft").content.decode()
    assert "Allergy: Penicillin; reaction: rash." in page
    assert "AI-drafted" in page
    assert page.count('name="opened"') == len(all_opened(clinic)) == 3


def test_reading_a_note_is_recorded(doctor: Client, clinic: Clinic) -> None:
    from llmasos.audit.models import Entry

    act(doctor, clinic, "draft")
    with acting_in(clinic.id):
        assert Entry.objects.filter(action="clinical.note_read", subject_id=clinic.patient.pk).exists()


def test_a_script_saves_and_learns_the_new_marks(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    one = reason(clinic)
    sent = {f"text-{one.key}": "Cough for weeks.", f"was-{one.key}": seen(one.text)}
    said = doctor.post(address(clinic), sent, headers={"accept": "application/json"}).json()
    assert (said["texts"][one.key], said["was"][one.key]) == ("Cough for weeks.", seen("Cough for weeks."))


def test_a_conflict_shows_both_texts_and_saving_again_keeps_the_writers(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    one = reason(clinic)
    was = {f"was-{one.key}": seen(one.text), f"section-{one.key}": "subjective"}
    doctor.post(address(clinic), {f"text-{one.key}": "Theirs.", **was})
    refused = doctor.post(address(clinic), {f"text-{one.key}": "Mine.", **was})
    page = refused.content.decode()
    assert (refused.status_code, "Theirs." in page, "Mine." in page) == (409, True, True)
    doctor.post(address(clinic), {f"text-{one.key}": "Mine.", f"was-{one.key}": seen("Theirs.")})
    assert reason(clinic).text == "Mine."


def test_reviewing_with_unopened_sentences_is_refused_and_keeps_what_was_typed(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    one = reason(clinic)
    sent = {f"text-{one.key}": "Cough.", f"was-{one.key}": seen(one.text), "then": "review"}
    page = doctor.post(address(clinic), sent)
    assert (page.status_code, note_of(clinic).state, reason(clinic).text) == (422, "draft", "Cough.")


def test_signing_asks_for_the_right_patient_and_leaves_the_ai_label_behind(doctor: Client, clinic: Clinic) -> None:
    from llmasos.audit.models import Entry

    act(doctor, clinic, "draft")
    doctor.post(address(clinic), {"opened": all_opened(clinic), "then": "review"})
    refused = sign(doctor, clinic, "1958-04-03")
    assert "not the patient of this note" in refused.content.decode()
    page = sign(doctor, clinic).content.decode()
    assert ("AI-drafted" in page, note_of(clinic).digest in page) == (False, True)
    with acting_in(clinic.id):
        outcomes = Entry.objects.filter(action="clinical.note_signed").order_by("recorded_at")
        assert list(outcomes.values_list("outcome", flat=True)) == ["denied", "success"]


def test_a_reviewed_note_is_not_signed_over_what_came_since(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    doctor.post(address(clinic), {"opened": all_opened(clinic), "then": "review"})
    clinic.item("allergy", Allergy(name="Latex"))
    page = doctor.get(address(clinic, "note_sign"), follow=True).content.decode()
    assert ("since this was reviewed" in page, "Allergy: Latex." in page, "Mark as reviewed" in page) == (True,) * 3
    doctor.post(address(clinic), {"then": "review"})
    sign(doctor, clinic)
    assert note_of(clinic).state == "signed"


def test_a_note_that_was_changed_since_its_review_says_so_to_who_wants_to_sign(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    doctor.post(address(clinic), {"opened": all_opened(clinic), "then": "review"})
    one = reason(clinic)
    sent = {f"text-{one.key}": "Cough.", f"was-{one.key}": seen(one.text)}
    said = doctor.post(address(clinic), sent, headers={"Accept": "application/json"}).json()
    assert said["state"] == "draft"
    assert "changed since it was reviewed" in doctor.get(address(clinic, "note_sign"), follow=True).content.decode()


def test_an_old_sign_in_is_asked_again_before_signing(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    doctor.post(address(clinic), {"opened": all_opened(clinic), "then": "review"})
    signed_in(doctor, clinic.doctor, ago=timedelta(hours=2))
    answer = doctor.get(address(clinic, "note_sign"))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_an_addendum_stands_below_the_signed_note(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    doctor.post(address(clinic), {"opened": all_opened(clinic), "then": "review"})
    sign(doctor, clinic)
    page = doctor.post(address(clinic, "note_addendum"), {"text": "Culture sterile."}, follow=True).content.decode()
    assert "Culture sterile." in page


def test_an_addendum_that_cannot_be_signed_yet_is_not_lost(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    doctor.post(address(clinic), {"opened": all_opened(clinic), "then": "review"})
    sign(doctor, clinic)
    signed_in(doctor, clinic.doctor, ago=timedelta(hours=2))
    page = doctor.post(address(clinic, "note_addendum"), {"text": "Culture sterile."})
    assert (page.status_code, "Culture sterile." in page.content.decode()) == (422, True)


def test_an_addendum_that_is_too_long_is_refused_whole_and_not_cut(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    doctor.post(address(clinic), {"opened": all_opened(clinic), "then": "review"})
    assert "maxlength" not in sign(doctor, clinic).content.decode().split("Add to the note")[-1].split("</form>")[0]
    page = doctor.post(address(clinic, "note_addendum"), {"text": "x" * 10_001})
    assert (page.status_code, "x" * 10_001 in page.content.decode()) == (422, True)


def test_what_the_visits_own_plan_ordered_is_not_said_to_have_been_taken_before(doctor: Client, clinic: Clinic) -> None:
    from clinical_assist.models import RecordItem

    ordered = clinic.item("medication", Medication(name="Warfarin", medicine="warfarin"))
    clinic.item("medication", Medication(name="Ramipril", medicine="ramipril"))
    with acting_in(clinic.id):
        RecordItem.objects.filter(pk=ordered.pk).update(source="plan", encounter=clinic.encounter)
    page = act(doctor, clinic, "draft").content.decode()
    assert ("Medication: Ramipril" in page, "Medication: Warfarin" in page) == (True, False)


def test_a_withdrawn_draft_is_taken_back(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    assert "was withdrawn" in act(doctor, clinic, "withdraw").content.decode()
    assert "Allergy: Penicillin" in act(doctor, clinic, "take_back").content.decode()


def test_a_clinician_outside_the_care_team_sees_no_note(doctor: Client, clinic: Clinic) -> None:
    act(doctor, clinic, "draft")
    outsider = signed_in(Client(), clinic.colleague)
    page = outsider.get(address(clinic))
    assert (page.status_code, "Penicillin" in page.content.decode()) == (403, False)
