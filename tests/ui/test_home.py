from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import Organisation, Person

pytestmark = pytest.mark.django_db


def test_a_visitor_is_offered_sign_in(client: Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "/accounts/login/" in page.content.decode()


@pytest.mark.parametrize("demo", [True, False])
def test_the_demo_shop_is_linked_only_where_there_is_one(client: Client, settings: object, *, demo: bool) -> None:
    settings.LLMASOS_DEMO = demo  # type: ignore[attr-defined]
    assert ("/demo/shop/" in client.get("/").content.decode()) is demo


def test_a_person_sees_only_their_own_organisations(
    client: Client, owner: Person, other_organisation: Organisation
) -> None:
    client.force_login(owner)
    text = client.get("/").content.decode()
    assert "The Shop" in text
    assert "The Clinic" not in text


def test_an_administrator_finds_the_console_and_an_agent_does_not(
    client: Client, owner: Person, teammate: Person
) -> None:
    client.force_login(owner)
    assert "/o/shop/console/" in client.get("/o/shop/").content.decode()
    client.force_login(teammate)
    assert "/o/shop/console/" not in client.get("/o/shop/").content.decode()


def test_a_stranger_does_not_learn_that_an_organisation_exists(client: Client, owner: Person, stranger: Person) -> None:
    client.force_login(stranger)
    assert client.get("/o/shop/").status_code == 404


def test_a_visitor_is_sent_to_sign_in(client: Client, owner: Person) -> None:
    answer = client.get("/o/shop/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_only_an_operator_is_offered_the_platform_console(client: Client, owner: Person) -> None:
    client.force_login(owner)
    assert 'href="/console/"' not in client.get("/").content.decode()
    Person.objects.filter(pk=owner.pk).update(is_operator=True)
    assert 'href="/console/"' in client.get("/").content.decode()


def test_somebody_without_an_organisation_is_told_what_to_do(client: Client) -> None:
    client.force_login(Person.objects.create_user("new@nowhere.example", "correct horse battery"))
    assert "You belong to no organisation yet" in client.get("/").content.decode()
