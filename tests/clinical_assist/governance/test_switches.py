"""Stopping a function, and who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from clinical_assist.governance import leads, switches
from clinical_assist.governance.switches import StoppedError, require_running
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGE = "/o/shop/clinical/oversight/"


def test_a_function_runs_until_somebody_stops_it(clinic: Clinic) -> None:
    with acting_in(clinic.id):
        require_running(clinic.id, "plan")
        switches.stop(clinic.principal(clinic.administrator), "plan", "Wrong doses")
        with pytest.raises(StoppedError, match=r"Wrong doses Ask: Manager\."):
            require_running(clinic.id, "plan")
        require_running(clinic.id, "note")


def test_the_latest_turn_decides_and_the_history_stays(clinic: Clinic) -> None:
    administrator = clinic.principal(clinic.administrator)
    switches.stop(administrator, "plan", "Wrong doses")
    switches.start(administrator, "plan", "Mended")
    with acting_in(clinic.id):
        require_running(clinic.id, "plan")
        assert [row.reason for row in switches.history(clinic.id, 9)] == ["Mended", "Wrong doses"]


def test_a_stop_is_in_the_log_without_its_reason(clinic: Clinic) -> None:
    row = switches.stop(clinic.principal(clinic.administrator), "hooks", "Canary words")
    with acting_in(clinic.id):
        entry = Entry.objects.get(organisation_id=clinic.id, action="clinical.function_stopped")
    assert (entry.object_id, entry.digests) == (row.pk, {"function": "hooks"})


def test_a_stop_needs_a_reason(clinic: Clinic) -> None:
    with pytest.raises(ValidationError):
        switches.stop(clinic.principal(clinic.administrator), "plan", "  ")


def test_a_clinician_stops_nothing_until_named_as_medical_lead(clinic: Clinic) -> None:
    with pytest.raises(PermissionDenied):
        switches.stop(clinic.principal(), "plan", "Wrong doses")
    leads.name_lead(clinic.principal(clinic.administrator), clinic.doctor.pk)
    assert switches.stop(clinic.principal(), "plan", "Wrong doses").by_id == clinic.doctor.pk


def test_a_lead_that_was_ended_stops_nothing(clinic: Clinic) -> None:
    administrator = clinic.principal(clinic.administrator)
    leads.name_lead(administrator, clinic.doctor.pk)
    leads.dismiss_lead(administrator, clinic.doctor.pk)
    with pytest.raises(PermissionDenied):
        switches.stop(clinic.principal(), "plan", "Wrong doses")


def test_a_clinician_names_no_lead(clinic: Clinic) -> None:
    with pytest.raises(PermissionDenied):
        leads.name_lead(clinic.principal(), clinic.doctor.pk)


def test_the_page_of_a_stopped_function_says_so_and_whom_to_ask(client: Client, clinic: Clinic) -> None:
    switches.stop(clinic.principal(clinic.administrator), "checks", "The table of doses is wrong")
    client.force_login(clinic.doctor, backend=BACKEND)
    answer = client.get("/o/shop/clinical/medicines/")
    assert answer.status_code == 503
    assert "The table of doses is wrong" in answer.content.decode()
    assert "Ask: Manager." in answer.content.decode()


def test_the_page_of_a_stopped_function_leads_back_to_the_visit(client: Client, clinic: Clinic) -> None:
    switches.stop(clinic.principal(clinic.administrator), "differential", "Wrong options seen")
    client.force_login(clinic.doctor, backend=BACKEND)
    visit = f"/o/shop/clinical/encounters/{clinic.encounter.pk}/"
    assert f'href="{visit}intake/"' in client.get(f"{visit}differential/").content.decode()


def test_the_switch_is_turned_on_the_page(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.administrator, backend=BACKEND)
    empty = client.post(PAGE, {"function": "note", "stopped": "1", "reason": ""})
    assert empty.status_code == 422
    done = client.post(PAGE, {"function": "note", "stopped": "1", "reason": "Invented findings"}, follow=True)
    assert "Invented findings" in done.content.decode()
    with acting_in(clinic.id):
        assert switches.is_stopped(clinic.id, "note")


def test_a_clinician_sees_the_switches_and_turns_none(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    assert 'name="stopped"' not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"function": "note", "stopped": "1", "reason": "x"}).status_code == 403


def test_an_administrator_names_a_lead_on_the_page(client: Client, clinic: Clinic) -> None:
    client.force_login(clinic.administrator, backend=BACKEND)
    page = client.post(f"{PAGE}leads/", {"person": clinic.doctor.pk}, follow=True).content.decode()
    assert "Doctor is a medical lead now." in page
    client.post(f"{PAGE}leads/{clinic.doctor.pk}/end/")
    with acting_in(clinic.id):
        assert not leads.leads(clinic.id).exists()
