from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import Client
from django.views.defaults import bad_request, server_error

from llmasos.accounts.models import Person


@pytest.mark.django_db
def test_a_missing_page_names_the_request(client: Client) -> None:
    answer = client.get("/nothing/")
    text = answer.content.decode()
    assert answer.status_code == 404
    assert "There is no such page here" in text
    assert 'id="request-id"' in text


@pytest.mark.django_db
def test_a_missing_role_is_explained(client: Client, teammate: Person) -> None:
    client.force_login(teammate)
    answer = client.get("/o/shop/console/")
    assert answer.status_code == 403
    assert "Your role does not open this page" in answer.content.decode()


@pytest.mark.django_db
def test_an_address_that_takes_forms_alone_says_so_when_it_is_reloaded(client: Client, owner: Person) -> None:
    client.force_login(owner)
    answer = client.get("/preferences/language", headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This address takes a form only" in answer.content.decode()


def test_a_fault_is_reported_without_the_database() -> None:
    answer = server_error(HttpRequest())
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()


def test_an_unreadable_request_is_explained() -> None:
    answer = bad_request(HttpRequest(), Exception("nothing of this is shown"))
    assert answer.status_code == 400
    assert "nothing of this is shown" not in answer.content.decode()
