"""Errors are found by the id that people are shown, and say nothing of what anybody wrote."""

from __future__ import annotations

import pytest
from celery.signals import task_failure
from django.test import Client
from pytest_django import Settings

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.context import bound
from llmasos.console.tasks import check_log
from llmasos.inference.models import RunState
from llmasos.runtime import problems
from tests.console.runs import make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
ID, OTHER = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"

WORDS = "the patient Ada Lovelace"


def fail(place: str, *, request_id: str, organisation: Organisation | None = None) -> None:
    with bound(request_id=request_id):
        problems.note(place, ValueError(WORDS), organisation_id=organisation.pk if organisation else None)


def test_a_page_that_fails_is_found_by_the_id_that_it_showed(
    client: Client, owner: Person, operator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(WORDS)

    monkeypatch.setattr("llmasos.console.views.organisation_regions", broken)
    client.raise_request_exception = False
    client.force_login(owner)
    failed = client.get("/o/shop/console/", headers={"accept": "text/html"})
    assert failed.status_code == 500
    assert failed["X-Request-ID"] in failed.content.decode()
    client.force_login(operator)
    text = client.get(f"/console/errors/?request={failed['X-Request-ID']}").content.decode()
    assert "console:home" in text
    assert "ValueError" in text
    assert "The Shop" in text
    assert "Lovelace" not in text


def test_another_requests_errors_do_not_show(client: Client, operator: Person) -> None:
    fail("tutor:desk", request_id=ID)
    fail("clinical:note", request_id=OTHER)
    client.force_login(operator)
    text = client.get(f"/console/errors/?request={ID}").content.decode()
    assert "tutor:desk" in text
    assert "clinical:note" not in text


def test_a_failed_run_is_found_by_its_request(client: Client, owner: Person, organisation: Organisation) -> None:
    with acting_in(organisation):
        make_run(organisation, state=RunState.FAILED, error_code="worker_lost", request_id=ID)
        make_run(organisation, state=RunState.FAILED, error_code="deadline_exceeded", request_id=OTHER)
    client.force_login(owner)
    text = client.get(f"/o/shop/console/errors/?request={ID}").content.decode()
    assert "worker_lost" in text
    assert "deadline_exceeded" not in text


def test_an_administrator_sees_the_own_organisations_errors_without_the_places_in_the_code(
    client: Client, owner: Person, organisation: Organisation, other_organisation: Organisation
) -> None:
    fail("shop:page", request_id=ID, organisation=organisation)
    fail("clinic:page", request_id=ID, organisation=other_organisation)
    fail("nowhere:page", request_id=ID)
    client.force_login(owner)
    text = client.get("/o/shop/console/errors/").content.decode()
    assert "shop:page" in text
    assert "clinic:page" not in text
    assert "nowhere:page" not in text
    assert "Places in the code" not in text


def test_what_can_be_no_id_finds_nothing_and_says_so(client: Client, operator: Person) -> None:
    fail("tutor:desk", request_id=ID)
    client.force_login(operator)
    assert "No error is known of this request" in client.get("/console/errors/?request=%25").content.decode()


def test_what_is_typed_is_found_without_entering_an_address(client: Client, operator: Person) -> None:
    fail("tutor:desk", request_id=ID)
    client.force_login(operator)
    answer = client.post("/console/errors/", {"request": ID})
    assert answer.status_code == 200
    assert "tutor:desk" in answer.content.decode()


def test_a_failed_task_belongs_to_the_organisation_that_it_was_given(
    organisation: Organisation, client: Client, owner: Person
) -> None:
    task_failure.send(sender=check_log, exception=ValueError(WORDS), args=(str(organisation.pk), ID), kwargs={})
    client.force_login(owner)
    assert "console.check_log" in client.get("/o/shop/console/errors/").content.decode()


@pytest.mark.parametrize("address", ["/console/errors/", "/o/shop/console/errors/"])
def test_while_valkey_is_away_nobody_says_that_all_is_well(
    client: Client, owner: Person, address: str, settings: Settings
) -> None:
    owner.is_operator = True
    owner.save(update_fields=["is_operator"])
    client.force_login(owner)
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    text = client.get(address).content.decode()
    assert "Valkey does not answer" in text
    assert "Nothing went wrong" not in text
