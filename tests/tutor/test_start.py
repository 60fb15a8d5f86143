from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.retrieval.models import Collection
from tests.tutor.conftest import member

pytestmark = pytest.mark.django_db
PAGE = "/o/shop/tutor/"
SEARCH = f"{PAGE}search/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def reader(client: Client, organisation: Organisation) -> Client:
    client.force_login(member(organisation, "reader", "teacher"), backend=BACKEND)
    return client


def test_without_documents_the_page_says_where_to_import(reader: Client) -> None:
    page = reader.get(SEARCH).content.decode()
    assert "Nothing to search yet" in page
    assert "/o/shop/knowledge/" in page


def test_with_documents_there_is_a_search(reader: Client, organisation: Organisation) -> None:
    with acting_in(organisation):
        Collection.objects.create(organisation=organisation, name="notes")
    assert 'role="search"' in reader.get(SEARCH).content.decode()


def test_the_room_is_closed_to_other_roles(client: Client, teammate: Person) -> None:
    client.force_login(teammate, backend=BACKEND)
    assert client.get(PAGE).status_code == 403


def test_the_room_does_not_exist_for_strangers(client: Client, organisation: Organisation, stranger: Person) -> None:
    client.force_login(stranger, backend=BACKEND)
    assert client.get(PAGE).status_code == 404


@pytest.mark.parametrize(("role", "page"), [("teacher", "courses/"), ("student", "work/"), ("guardian", "results/")])
def test_everybody_is_led_to_their_own_page(client: Client, organisation: Organisation, role: str, page: str) -> None:
    client.force_login(member(organisation, role, role), backend=BACKEND)
    led = client.get(f"/o/{organisation.slug}/tutor/")
    assert led.status_code == 302
    assert client.get(led["Location"]).status_code == 200
    assert page in led["Location"]


@pytest.mark.parametrize("page", ["work/", "learn/"])
def test_a_student_whom_no_course_knows_is_told_how_to_join_one(
    client: Client, organisation: Organisation, page: str
) -> None:
    client.force_login(member(organisation, "fresh", "student"), backend=BACKEND)
    shown = client.get(f"{PAGE}{page}")
    assert (shown.status_code, f'href="{PAGE}join/"' in shown.content.decode()) == (200, True)


def test_the_home_page_shows_learners_the_door(client: Client, organisation: Organisation) -> None:
    client.force_login(member(organisation, "fresh", "student"), backend=BACKEND)
    assert f"/o/{organisation.slug}/tutor/" in client.get("/", follow=True).content.decode()
