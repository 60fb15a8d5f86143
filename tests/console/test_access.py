from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


INSTALLATION = [
    "/console/",
    "/console/live",
    "/console/queues/",
    "/console/queues/live",
    "/console/models/",
    "/console/models/live",
    "/console/requests/",
    "/console/requests/live",
    "/console/usage/",
    "/console/organisations/",
    "/console/errors/",
    "/console/logs/",
    "/console/logs/live",
    "/console/storage/",
]
OWN = [f"/o/shop/console/{page}" for page in ("", "live", "requests/", "usage/", "usage/live", "errors/", "storage/")]


@pytest.mark.parametrize("address", INSTALLATION)
def test_an_operator_sees_the_installation(client: Client, operator: Person, address: str) -> None:
    client.force_login(operator)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", INSTALLATION)
def test_an_administrator_of_one_organisation_does_not_see_the_installation(
    client: Client, owner: Person, address: str
) -> None:
    client.force_login(owner)
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", OWN)
def test_an_administrator_sees_their_organisation(client: Client, owner: Person, address: str) -> None:
    client.force_login(owner)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", OWN)
def test_an_agent_is_refused(client: Client, teammate: Person, address: str) -> None:
    client.force_login(teammate)
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", OWN)
def test_a_stranger_finds_nothing(client: Client, owner: Person, stranger: Person, address: str) -> None:
    client.force_login(stranger)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/console/", "/o/shop/console/"])
def test_a_visitor_is_sent_to_sign_in(client: Client, owner: Person, address: str) -> None:
    assert client.get(address)["Location"].startswith("/accounts/login/")


def test_nothing_can_be_posted(client: Client, operator: Person) -> None:
    client.force_login(operator)
    assert client.post("/console/").status_code == 405
