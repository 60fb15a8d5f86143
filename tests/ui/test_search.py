"""The search finds what the person may open, and nothing else."""

from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import ApiKey, Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.retrieval.models import Collection

pytestmark = pytest.mark.django_db
ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def found(client: Client, text: str) -> str:
    return client.post("/search/", {"q": text}, headers={"HX-Request": "true"}).content.decode()


def test_pages_are_found_by_name(client: Client, owner: Person) -> None:
    client.force_login(owner)
    assert "/o/shop/console/usage/" in found(client, "keys usage")


def test_a_page_of_another_role_is_not_found(client: Client, teammate: Person) -> None:
    client.force_login(teammate)
    assert "Nothing that you may open" in found(client, "console")


def test_a_key_is_found_by_its_own_organisation_alone(
    client: Client, owner: Person, stranger: Person, organisation: Organisation
) -> None:
    with acting_in(organisation):
        ApiKey.objects.create(organisation=organisation, name="Till", prefix="llmasos_1", secret_digest=b"")
    client.force_login(owner)
    assert "API key llmasos_1" in found(client, "till")
    client.force_login(stranger)
    assert "llmasos_1" not in found(client, "till")


def test_a_member_is_found_and_that_is_recorded(
    client: Client, owner: Person, teammate: Person, organisation: Organisation
) -> None:
    client.force_login(owner)
    assert f"/o/shop/people/{teammate.pk}/" in found(client, "teamm")
    with acting_in(organisation):
        assert Entry.objects.filter(action="accounts.people_listed", actor_id=owner.pk).exists()


def test_an_id_leads_to_what_is_known_of_the_request(client: Client, owner: Person) -> None:
    client.force_login(owner)
    text = found(client, ID)
    assert f"/o/shop/console/errors/?request={ID}" in text
    assert f"/o/shop/audit/?request={ID}" in text


def test_what_was_typed_is_shown_as_text(client: Client, owner: Person) -> None:
    client.force_login(owner)
    assert "<b>" not in found(client, "<b>nothing</b>")


def test_without_a_script_it_is_a_page(client: Client, owner: Person) -> None:
    client.force_login(owner)
    assert "<h1>Search</h1>" in client.post("/search/", {"q": "people"}).content.decode()


def test_visitors_are_sent_to_sign_in(client: Client) -> None:
    assert client.post("/search/", {"q": "people"}).status_code == 302


def test_what_fits_many_things_of_one_kind_leaves_room_for_the_others(
    client: Client, owner: Person, organisation: Organisation
) -> None:
    with acting_in(organisation):
        for number in range(9):
            digits = f"llmasos_{number}"
            ApiKey.objects.create(organisation=organisation, name=f"Shop {number}", prefix=digits, secret_digest=b"")
        Collection.objects.create(organisation=organisation, name="Shop rules")
    client.force_login(owner)
    text = found(client, "shop")
    assert "Shop 0" in text or "Shop 8" in text
    assert "Shop rules" in text
