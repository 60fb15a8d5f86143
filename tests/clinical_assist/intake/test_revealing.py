"""The own list is committed, then the machine's is revealed; both are kept, and a what-if changes neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from clinical_assist.governance import switches
from clinical_assist.governance.switches import StoppedError
from clinical_assist.intake import revealing, stored
from clinical_assist.intake.stored import Entered, IntakeError
from clinical_assist.models import Intake, RecordItem, ShownDifferential
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
TEXT = "Crushing chest pain for two hours going down the left arm, no fever."


@pytest.fixture
def taken(clinic: Clinic) -> Clinic:
    """The clinic with an intake that was taken."""
    stored.save(clinic.principal(), clinic.encounter.pk, Entered(0, TEXT))
    return clinic


def _page(clinic: Clinic) -> str:
    return f"/o/shop/clinical/encounters/{clinic.encounter.pk}/differential/"


def _commit(clinic: Clinic, text: str) -> Intake:
    return revealing.commit(clinic.principal(), clinic.encounter.pk, text)


def test_the_own_list_is_kept_with_the_conditions_that_it_names(taken: Clinic) -> None:
    intake = _commit(taken, "heart attack\n\n  something odd ")
    assert intake.own_list == [
        {"text": "heart attack", "code": "acute_coronary_syndrome"},
        {"text": "something odd", "code": ""},
    ]


def test_a_committed_list_is_not_changed(taken: Clinic) -> None:
    _commit(taken, "heart attack")
    with pytest.raises(IntakeError, match="committed already"):
        _commit(taken, "reflux")


def test_the_machine_waits_for_the_own_list_unless_the_reader_wants_none(taken: Clinic) -> None:
    with pytest.raises(IntakeError, match="Write your own list first"):
        revealing.reveal(taken.principal(), taken.encounter.pk)
    revealing.set_own_list_first(taken.principal(), wanted=False)
    assert revealing.reveal(taken.principal(), taken.encounter.pk).revealed_at is not None


def test_after_the_reveal_no_list_is_the_clinicians_own(taken: Clinic) -> None:
    revealing.set_own_list_first(taken.principal(), wanted=False)
    revealing.reveal(taken.principal(), taken.encounter.pk)
    with pytest.raises(IntakeError, match="would not be your own"):
        _commit(taken, "heart attack")


def test_nothing_is_revealed_without_a_finding(clinic: Clinic) -> None:
    with pytest.raises(IntakeError, match="no finding"):
        revealing.reveal(clinic.principal(), clinic.encounter.pk)


def test_while_the_differential_is_stopped_nothing_is_revealed(taken: Clinic) -> None:
    _commit(taken, "heart attack")
    switches.stop(taken.principal(taken.administrator), "differential", "Ranks wrong")
    with pytest.raises(StoppedError):
        revealing.reveal(taken.principal(), taken.encounter.pk)


def test_commit_reveal_compare_on_the_page(client: Client, taken: Clinic) -> None:
    client.force_login(taken.doctor, backend=BACKEND)
    before = client.get(_page(taken)).content.decode()
    assert "Your own list first" in before
    assert "Options to consider" not in before
    client.post(_page(taken), {"act": "commit", "own": "heart attack\nmigraine\nthe vapours"})
    hidden = client.get(_page(taken)).content.decode()
    assert "Options to consider" not in hidden
    page = client.post(_page(taken), {"act": "reveal"}, follow=True).content.decode()
    assert "Your first and the machine&#x27;s first are the same." in page
    assert "not among the conditions that the machine knows" in page
    assert "listed by the machine; not on your list" in page
    assert "What would change the picture most" in page


def test_what_was_shown_is_kept_once_and_recorded_each_time(client: Client, taken: Clinic) -> None:
    revealing.set_own_list_first(taken.principal(), wanted=False)
    revealing.reveal(taken.principal(), taken.encounter.pk)
    client.force_login(taken.doctor, backend=BACKEND)
    client.get(_page(taken))
    client.get(_page(taken))
    with acting_in(taken.id):
        (kept,) = ShownDifferential.objects.for_organisation(taken.id)
        entries = list(Entry.objects.filter(organisation_id=taken.id, action="clinical.differential_shown"))
    assert kept.content["options"][0]["code"] == "acute_coronary_syndrome"
    assert kept.content["findings"]["fever"] == "absent"
    assert [entry.subject_id for entry in entries] == [taken.patient.pk, taken.patient.pk]


def test_a_what_if_changes_the_picture_and_nothing_that_is_kept(client: Client, taken: Clinic) -> None:
    revealing.set_own_list_first(taken.principal(), wanted=False)
    revealing.reveal(taken.principal(), taken.encounter.pk)
    client.force_login(taken.doctor, backend=BACKEND)
    states = {"state-crushing": "absent", "state-chest_pain": "present", "state-fever": "present"}
    part = client.post(f"{_page(taken)}what-if/", states).content.decode()
    assert "What if:" in part
    assert "<html" not in part
    with acting_in(taken.id):
        intake = Intake.objects.for_organisation(taken.id).get()
        assert intake.findings["fever"] == "absent"
        assert not ShownDifferential.objects.for_organisation(taken.id).exists()
        assert Entry.objects.filter(organisation_id=taken.id, action="clinical.what_if_shown").exists()


def test_a_finding_that_cannot_be_absent_is_said_to_count(client: Client, taken: Clinic) -> None:
    revealing.set_own_list_first(taken.principal(), wanted=False)
    revealing.reveal(taken.principal(), taken.encounter.pk)
    client.force_login(taken.doctor, backend=BACKEND)
    states = {"state-crushing": "present", "state-chest_pain": "absent"}
    assert "counts as present all the same" in client.post(f"{_page(taken)}what-if/", states).content.decode()


def test_a_what_if_before_the_reveal_shows_nothing(client: Client, taken: Clinic) -> None:
    client.force_login(taken.doctor, backend=BACKEND)
    assert client.post(f"{_page(taken)}what-if/", {"state-fever": "present"}).status_code == 302


def test_a_picked_option_becomes_a_provisional_problem_once(client: Client, taken: Clinic) -> None:
    revealing.set_own_list_first(taken.principal(), wanted=False)
    revealing.reveal(taken.principal(), taken.encounter.pk)
    client.force_login(taken.doctor, backend=BACKEND)
    pick = {"condition": "acute_coronary_syndrome"}
    client.post(f"{_page(taken)}adopt/", pick)
    again = client.post(f"{_page(taken)}adopt/", pick, follow=True).content.decode()
    assert "is among the problems already" in again
    with acting_in(taken.id):
        (item,) = RecordItem.objects.for_organisation(taken.id).filter(kind="problem")
    assert item.content["name"] == "Acute coronary syndrome"
    assert item.content["verification"] == "provisional"
    assert item.encounter_id == taken.encounter.pk


def test_nothing_is_picked_before_the_reveal(client: Client, taken: Clinic) -> None:
    client.force_login(taken.doctor, backend=BACKEND)
    client.post(f"{_page(taken)}adopt/", {"condition": "acute_coronary_syndrome"})
    with acting_in(taken.id):
        assert not RecordItem.objects.for_organisation(taken.id).exists()
