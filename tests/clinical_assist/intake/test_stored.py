"""The intake of an encounter: kept as it is typed, never overwritten, never used unseen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from clinical_assist.governance import switches
from clinical_assist.intake import stored
from clinical_assist.intake.stored import ChangedMeanwhileError, Entered, IntakeError
from clinical_assist.models import Encounter, Intake
from clinical_assist.record.items import Measurement, Problem
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
TEXT = "Cough for three days, no fever. Her father had a stroke."


def _page(clinic: Clinic) -> str:
    return f"/o/shop/clinical/encounters/{clinic.encounter.pk}/intake/"


def _save(clinic: Clinic, revision: int, text: str, **entered: object) -> Intake:
    return stored.save(clinic.principal(), clinic.encounter.pk, Entered(revision, text, **entered))  # type: ignore[arg-type]


def test_a_text_is_kept_with_the_findings_that_were_read_in_it(clinic: Clinic) -> None:
    intake = _save(clinic, 0, TEXT)
    assert (intake.text, intake.revision) == (TEXT, 1)
    assert {code: intake.findings[code] for code in ("cough", "fever")} == {"cough": "present", "fever": "absent"}
    assert set(intake.origins.values()) == {"text"}


def test_what_a_text_no_longer_says_goes_and_what_was_set_by_hand_stays(clinic: Clinic) -> None:
    _save(clinic, 0, TEXT)
    _save(clinic, 1, TEXT, chosen={"fever": "present"})
    intake = _save(clinic, 2, "Sore throat.", chosen={"cough": "present", "fever": "present"})
    assert intake.findings["fever"] == "present"
    assert intake.origins["fever"] == "hand"
    assert "cough" not in intake.findings
    assert intake.findings["sore_throat"] == "present"


def test_saving_the_same_again_is_no_new_revision(clinic: Clinic) -> None:
    _save(clinic, 0, TEXT)
    assert _save(clinic, 1, TEXT).revision == 1


def test_two_people_do_not_overwrite_each_other(clinic: Clinic) -> None:
    _save(clinic, 0, "Cough.")
    with pytest.raises(ChangedMeanwhileError) as refused:
        _save(clinic, 0, "Headache.")
    assert refused.value.theirs.text == "Cough."


def test_a_save_is_in_the_log_without_a_word_of_it(clinic: Clinic) -> None:
    _save(clinic, 0, TEXT)
    with acting_in(clinic.id):
        entry = Entry.objects.get(organisation_id=clinic.id, action="clinical.intake_saved")
    assert entry.subject_id == clinic.patient.pk
    assert entry.digests == {"revision": 1, "findings": 4, "characters": len(TEXT)}


def test_a_finished_visit_keeps_its_intake(clinic: Clinic) -> None:
    with acting_in(clinic.id):
        Encounter.objects.for_organisation(clinic.id).update(state="closed")
    with pytest.raises(IntakeError, match="finished"):
        _save(clinic, 0, TEXT)


def test_while_recognition_is_stopped_the_text_is_kept_unread(clinic: Clinic) -> None:
    switches.stop(clinic.principal(clinic.administrator), "recognition", "Reads denials wrong")
    intake = _save(clinic, 0, TEXT)
    assert (intake.text, intake.findings) == (TEXT, {})


def test_the_page_says_who_else_saved_and_loses_nothing(client: Client, clinic: Clinic) -> None:
    _save(clinic, 0, "Cough.")
    client.force_login(clinic.doctor, backend=BACKEND)
    refused = client.post(_page(clinic), {"text": "Headache.", "revision": "0"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Headache.</textarea>" in page
    assert "Somebody else saved this intake meanwhile" in page
    client.post(_page(clinic), {"text": "Headache.", "over": "1"})
    with acting_in(clinic.id):
        assert Intake.objects.for_organisation(clinic.id).get().text == "Headache."


def test_a_background_save_gets_the_part_that_follows_from_it(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    headers = {"HX-Request": "true", "HX-Target": "case"}
    part = client.post(_page(clinic), {"text": "Fever and a stiff neck.", "revision": "0"}, headers=headers)
    page = part.content.decode()
    assert "<html" not in page
    assert 'name="revision" value="1"' in page
    assert "Consider urgent assessment" in page
    assert "The question that tells most" in page


def test_what_the_record_knows_is_offered_with_its_source_and_used_only_when_taken(
    client: Client, clinic: Clinic
) -> None:
    today = timezone.now().isoformat()
    vital = clinic.item(
        "vital", Measurement(name="Temperature", measure="temperature", value=39.4, unit="Cel", on=today)
    )
    clinic.item("problem", Problem(name="Essential hypertension"))
    client.force_login(clinic.doctor, backend=BACKEND)
    page = client.get(_page(clinic)).content.decode()
    offer = f"fever_measured:present:{vital.pk}"
    assert offer in page
    assert "Temperature 39.4 °C" in page
    assert "hypertension_hx:present" in page
    client.post(_page(clinic), {"text": "", "revision": "0", "take": offer})
    with acting_in(clinic.id):
        intake = Intake.objects.for_organisation(clinic.id).get()
    assert intake.findings == {"fever_measured": "present"}
    assert intake.origins == {"fever_measured": f"record:{vital.pk}"}


def test_what_the_text_says_of_the_family_hides_nothing_that_the_record_knows(client: Client, clinic: Clinic) -> None:
    clinic.item("problem", Problem(name="Asthma"))
    client.force_login(clinic.doctor, backend=BACKEND)
    client.post(_page(clinic), {"text": "His mother has asthma.", "revision": "0"})
    page = client.get(_page(clinic)).content.decode()
    assert 'name="state-asthma_hx"' in page
    assert "asthma_hx:present" in page


def test_an_old_temperature_is_not_offered(client: Client, clinic: Clinic) -> None:
    long_ago = (timezone.now() - timedelta(days=30)).isoformat()
    clinic.item("vital", Measurement(name="Temperature", measure="temperature", value=39.4, unit="Cel", on=long_ago))
    client.force_login(clinic.doctor, backend=BACKEND)
    assert "fever_measured" not in client.get(_page(clinic)).content.decode()


def test_a_clinician_outside_the_care_team_saves_nothing(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.colleague, backend=BACKEND)
    assert client.post(_page(clinic), {"text": "Cough.", "revision": "0"}).status_code == 403
    with acting_in(clinic.id):
        assert not Intake.objects.for_organisation(clinic.id).exists()
