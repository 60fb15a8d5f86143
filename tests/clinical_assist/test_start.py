from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import Membership, Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.retrieval.models import Collection

pytestmark = pytest.mark.django_db
PAGE = "/o/shop/clinical/references/"


@pytest.fixture
def reader(client: Client, organisation: Organisation) -> Client:
    person = Person.objects.create_user("reader@shop.example", "correct horse battery")
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=person, role="clinician")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_without_documents_the_page_says_where_to_import(reader: Client) -> None:
    page = reader.get(PAGE).content.decode()
    assert "Nothing to search yet" in page
    assert "/o/shop/knowledge/" in page


def test_with_documents_there_is_a_search(reader: Client, organisation: Organisation) -> None:
    with acting_in(organisation):
        Collection.objects.create(organisation=organisation, name="notes")
    assert 'role="search"' in reader.get(PAGE).content.decode()


def test_the_room_is_closed_to_other_roles(client: Client, teammate: Person) -> None:
    client.force_login(teammate, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(PAGE).status_code == 403


def test_the_room_does_not_exist_for_strangers(client: Client, organisation: Organisation, stranger: Person) -> None:
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(PAGE).status_code == 404
