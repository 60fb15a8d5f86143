"""Every page of an organisation: for its administrator, a colleague without the role, a stranger and nobody."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

pytestmark = pytest.mark.django_db

ADMINISTRATORS_PAGES = ["accounts:people", "accounts:keys", "accounts:new_key", "audit:log"]
ANY_ID = UUID(int=7)


def _client(person: Person | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


@pytest.mark.parametrize("address", ADMINISTRATORS_PAGES)
def test_an_administrator_sees_the_page(address: str, organisation: Organisation, owner: Person) -> None:
    assert _client(owner).get(reverse(address, args=[organisation.slug])).status_code == 200


@pytest.mark.parametrize("address", ADMINISTRATORS_PAGES)
def test_a_colleague_without_the_role_is_denied_and_that_is_recorded(
    address: str, organisation: Organisation, teammate: Person
) -> None:
    assert _client(teammate).get(reverse(address, args=[organisation.slug])).status_code == 403
    with acting_in(organisation):
        assert Entry.objects.filter(
            action="accounts.denied", actor_id=teammate.pk, object_kind=f"page:{address}"
        ).exists()


@pytest.mark.parametrize("address", ADMINISTRATORS_PAGES)
def test_a_stranger_finds_nothing(address: str, organisation: Organisation, stranger: Person) -> None:
    assert _client(stranger).get(reverse(address, args=[organisation.slug])).status_code == 404


@pytest.mark.parametrize("address", ADMINISTRATORS_PAGES)
def test_nobody_is_sent_to_sign_in(address: str, organisation: Organisation) -> None:
    response = _client(None).get(reverse(address, args=[organisation.slug]))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def _tenant_addresses(slug: str) -> list[tuple[str, str]]:
    """Return the address of every URL pattern that takes an organisation's short name."""
    found: list[tuple[str, str]] = []

    def walk(patterns: list[URLPattern | URLResolver], namespaces: tuple[str, ...]) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
                walk(pattern.url_patterns, inner)
            elif pattern.name and "slug" in pattern.pattern.converters:
                name = ":".join((*namespaces, pattern.name))
                found.append((name, reverse(name, kwargs=_arguments(pattern, slug))))

    walk(get_resolver().url_patterns, ())
    return found


def _arguments(pattern: URLPattern, slug: str) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__
        values[name] = {"UUIDConverter": ANY_ID, "IntConverter": 7}.get(kind, "anything")
    return {**values, "slug": slug}


@pytest.mark.parametrize("method", ["get", "post"])
def test_one_organisation_reaches_no_address_of_another(
    method: str, organisation: Organisation, owner: Person, stranger: Person
) -> None:
    client = _client(stranger)
    client.raise_request_exception = False
    addresses = _tenant_addresses(organisation.slug)
    assert len(addresses) > 10
    answers = {name: getattr(client, method)(address).status_code for name, address in addresses}
    reached = {name: code for name, code in answers.items() if code not in {404, 405}}
    assert reached == {}
