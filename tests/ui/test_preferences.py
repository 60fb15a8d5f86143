from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import Person

pytestmark = pytest.mark.django_db


def test_a_theme_is_remembered_and_worn(client: Client) -> None:
    client.post("/preferences/theme", {"theme": "dark", "next": "/"})
    assert 'data-theme="dark"' in client.get("/").content.decode()


def test_an_unknown_theme_is_not_remembered(client: Client) -> None:
    client.post("/preferences/theme", {"theme": '"><script>'})
    assert "llmasos_theme" not in client.cookies


def test_a_language_is_remembered_and_spoken(client: Client) -> None:
    client.post("/preferences/language", {"language": "zh-hans", "next": "/"})
    assert '<html lang="zh-hans"' in client.get("/").content.decode()


def test_a_language_is_kept_with_the_account(client: Client, owner: Person) -> None:
    client.force_login(owner)
    client.post("/preferences/language", {"language": "zh-hans"})
    owner.refresh_from_db()
    assert owner.language == "zh-hans"


def test_an_unknown_language_changes_nothing(client: Client, owner: Person) -> None:
    client.force_login(owner)
    client.post("/preferences/language", {"language": "xx"})
    owner.refresh_from_db()
    assert owner.language != "xx"


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_the_way_back_stays_on_this_site(client: Client, address: str) -> None:
    assert client.post("/preferences/theme", {"theme": "dark", "next": address})["Location"] == "/"


def test_reading_does_not_change_a_preference(client: Client) -> None:
    assert client.get("/preferences/theme").status_code == 405


def test_a_post_without_its_secret_is_refused() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/preferences/theme", {"theme": "dark"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()
