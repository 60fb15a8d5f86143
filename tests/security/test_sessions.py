"""How a sign-in begins, lasts and ends; what cookies are; which forms refuse a forged request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from llmasos.accounts.models import Person
from tests.security.urls import addresses

if TYPE_CHECKING:
    from django.http import HttpResponse

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
OTHER = "an entirely different one"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
# No cookie gives authority there: a visitor's token, or a key, is sent as a header.
BY_HEADER = ("/widget/", "/v1/", "/api/", "/fhir/", "/o/shop/cds-services")
# Posted by the form of a school's learning platform, which cannot know our token: what is posted proves itself, by the
# platform's signature over it and by a state and a nonce that this browser got from us.
FROM_ELSEWHERE = {"tutor:lti_login", "tutor:lti_launch"}


def sign_in(client: Client, person: Person, password: str = PASSWORD) -> HttpResponse:
    return client.post("/accounts/login/", {"login": person.email, "password": password})


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


@pytest.fixture
def signed_in(owner: Person, valkey: object) -> Client:
    client = Client()
    sign_in(client, owner)
    assert is_signed_in(client)
    return client


def test_the_session_gets_a_new_name_at_sign_in(owner: Person, valkey: object) -> None:
    client = Client()
    session = client.session
    session["chosen"] = "by an attacker"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    sign_in(client, owner)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(owner: Person, valkey: object) -> None:
    client = Client()
    client.get("/accounts/login/")
    sign_in(client, owner)
    client.post("/preferences/theme", {"theme": "dark"})
    client.post("/preferences/language", {"language": "en"})
    assert len(client.cookies) == 4
    for cookie in client.cookies.values():
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]


def test_a_message_about_a_person_stays_on_the_server(signed_in: Client) -> None:
    signed_in.post("/account/", {"name": "Robin", "language": "en"})
    assert "messages" not in signed_in.cookies


def test_signing_out_ends_the_session_on_the_server(signed_in: Client) -> None:
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
    assert is_signed_in(stolen)
    signed_in.post("/accounts/logout/")
    assert not is_signed_in(stolen)


def test_a_link_does_not_sign_anybody_out(signed_in: Client) -> None:
    signed_in.get("/accounts/logout/")
    assert is_signed_in(signed_in)


def test_a_new_password_signs_out_everywhere(signed_in: Client, owner: Person) -> None:
    elsewhere = Client()
    sign_in(elsewhere, owner)
    signed_in.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER})
    assert not is_signed_in(elsewhere)
    assert sign_in(Client(), owner, OTHER).status_code == 302


def test_a_deactivated_person_is_out_at_once(signed_in: Client, owner: Person) -> None:
    Person.objects.filter(pk=owner.pk).update(is_active=False)
    assert not is_signed_in(signed_in)


def test_an_idle_sign_in_ends(owner: Person, valkey: object) -> None:
    client = Client()
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, owner)
        assert is_signed_in(client)
        for _ in range(3):
            clock.shift(settings.LLMASOS_SESSION_IDLE_SECONDS - 60)
            assert is_signed_in(client)
        clock.shift(settings.LLMASOS_SESSION_IDLE_SECONDS + 60)
        assert not is_signed_in(client)


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(owner: Person, valkey: object) -> None:
    client = Client()
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, owner)
        client.get("/o/shop/console/")
        for _ in range(4):
            clock.shift(settings.LLMASOS_SESSION_IDLE_SECONDS / 3)
            client.get("/o/shop/console/live", headers={"HX-Request": "true"})
        assert not is_signed_in(client)


def test_a_sign_in_ends_after_so_long_however_busy(owner: Person, valkey: object) -> None:
    client = Client()
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(client, owner)
        ends = NOON + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        while datetime.now(UTC) + timedelta(minutes=30) < ends:
            assert is_signed_in(client)
            clock.shift(30 * 60)
        clock.shift(31 * 60)
        assert not is_signed_in(client)


def test_every_form_refuses_a_forged_request(owner: Person, valkey: object) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(owner)
    taken = []
    for address in addresses():
        if address.path.startswith(BY_HEADER) or address.name in FROM_ELSEWHERE:
            continue
        # 405: the page takes no POST at all. 404: an organisation's page looks for its row first, and finds none.
        answer = client.post(address.path, {"any": "thing"})
        if answer.status_code not in (403, 405):
            taken.append(f"{address.name} {address.path}: {answer.status_code}")
    assert taken == []


def test_what_is_called_by_header_takes_no_cookie_for_authority(owner: Person, valkey: object) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    open_to_all = {"api:schema", "api:documentation", "support_bot:frame"}
    for address in addresses():
        if not address.path.startswith(BY_HEADER) or address.name in open_to_all:
            continue
        for method in (client.get, client.post):
            assert method(address.path).status_code in (400, 401, 403, 404, 405, 415), address.path


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "http:///evil.example", "/%09/evil.example", "https:evil.example", "data:text/html,x",
        "//testserver@evil.example",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(owner: Person, valkey: object, target: str) -> None:
    client = Client()
    answers = [
        client.post("/preferences/theme", {"theme": "dark", "next": target}),
        client.post("/preferences/language", {"language": "en", "next": target}),
        client.post(f"/accounts/login/?next={target}", {"login": owner.email, "password": PASSWORD, "next": target}),
        client.post("/accounts/logout/", {"next": target}),
    ]
    for answer in answers:
        assert answer.status_code == 302
        assert answer["Location"].startswith("/")
        assert not answer["Location"].startswith(("//", "/\\"))


def test_the_raw_data_pages_have_no_sign_in_of_their_own(owner: Person, valkey: object) -> None:
    answer = Client().post("/admin/login/", {"username": owner.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_a_member_is_no_one_on_the_raw_data_pages(signed_in: Client) -> None:
    assert signed_in.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("credential", ["{}", "[]", "null", '"x"', '{"id": 1}', '{"id": "x", "rawId": "x"}', "no JSON"])
def test_an_answer_that_no_passkey_gave_is_refused_in_words(credential: str, valkey: object) -> None:
    client = Client()
    client.get("/accounts/2fa/webauthn/login/")
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert answer.status_code in (200, 302, 422)
    assert not is_signed_in(client)
