from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from llmasos.accounts import services
from llmasos.accounts.errors import InvitationUnusableError, LastAdministratorError, NotAllowedError
from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.queries import membership_in
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_owner(owner: Person) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def _roles(person: Person) -> frozenset[str]:
    membership = membership_in("shop", person.pk)
    return membership.roles if membership else frozenset()


def test_the_people_page_lists_members_and_says_so_in_the_log(
    as_owner: Client, organisation: Organisation, teammate: Person
) -> None:
    response = as_owner.get(reverse("accounts:people", args=["shop"]))
    assert teammate.email in response.content.decode()
    with acting_in(organisation):
        assert Entry.objects.get(action="accounts.people_listed").digests == {"count": 2, "invitations": 0}


def test_roles_are_changed(as_owner: Client, teammate: Person) -> None:
    as_owner.post(reverse("accounts:roles", args=["shop", teammate.pk]), {"roles": ["auditor", "teacher"]})
    assert _roles(teammate) == frozenset({"auditor", "teacher"})


def test_the_last_administrator_stays(as_owner: Client, owner: Person) -> None:
    response = as_owner.post(reverse("accounts:roles", args=["shop", owner.pk]), {"roles": ["agent"]})
    as_owner.post(reverse("accounts:deactivate", args=["shop", owner.pk]))
    assert response.status_code == 422
    assert _roles(owner) == frozenset({"administrator"})


def test_who_is_deactivated_does_not_come_back_by_an_open_invitation(
    as_owner: Client, organisation: Organisation, teammate: Person
) -> None:
    offer = services.invite(
        principal=system_principal(organisation.pk),
        organisation_id=organisation.pk,
        email=teammate.email,
        role="teacher",
    )
    as_owner.post(reverse("accounts:deactivate", args=["shop", teammate.pk]))
    with pytest.raises(InvitationUnusableError):
        services.accept_invitation(offer.secret, person=teammate)
    assert _roles(teammate) == frozenset()


def test_a_deactivated_person_loses_access_at_once_and_gets_it_back(
    as_owner: Client, organisation: Organisation, teammate: Person
) -> None:
    as_teammate = Client()
    as_teammate.force_login(teammate)
    page = reverse("accounts:people", args=["shop"])
    as_owner.post(reverse("accounts:deactivate", args=["shop", teammate.pk]))
    assert as_teammate.get(page).status_code == 404
    as_owner.post(reverse("accounts:reactivate", args=["shop", teammate.pk]))
    assert as_teammate.get(page).status_code == 403
    with acting_in(organisation):
        actions = set(Entry.objects.values_list("action", flat=True))
    assert {"accounts.person_deactivated", "accounts.person_reactivated"} <= actions


def test_only_administrators_change_people(organisation: Organisation, teammate: Person) -> None:
    agent = Principal(organisation_id=organisation.pk, kind="person", id=teammate.pk, roles=frozenset({"agent"}))
    for change in (
        lambda: services.deactivate(principal=agent, organisation_id=organisation.pk, person_id=teammate.pk),
        lambda: services.invite(principal=agent, organisation_id=organisation.pk, email="a@b.example", role="agent"),
        lambda: services.change_roles(
            principal=agent, organisation_id=organisation.pk, person_id=teammate.pk, roles=["administrator"]
        ),
    ):
        with pytest.raises(NotAllowedError):
            change()


def test_an_administrator_of_one_organisation_changes_nothing_in_another(
    organisation: Organisation, other_organisation: Organisation, owner: Person
) -> None:
    elsewhere = Principal(organisation_id=other_organisation.pk, kind="person", roles=frozenset({"administrator"}))
    with pytest.raises(NotAllowedError):
        services.deactivate(principal=elsewhere, organisation_id=organisation.pk, person_id=owner.pk)


def test_the_service_keeps_an_administrator(organisation: Organisation, owner: Person) -> None:
    with pytest.raises(LastAdministratorError):
        services.deactivate(
            principal=system_principal(organisation.pk), organisation_id=organisation.pk, person_id=owner.pk
        )


def test_a_password_link_is_made_for_a_member_and_works(as_owner: Client, teammate: Person) -> None:
    content = as_owner.post(reverse("accounts:password_link", args=["shop", teammate.pk])).content.decode()
    path = content[content.index("/accounts/password/reset/key/") :].split("<")[0].strip()
    response = Client().get(path, follow=True)
    assert response.status_code == 200
    assert 'name="password1"' in response.content.decode()


def test_no_password_link_is_made_for_who_also_belongs_elsewhere(
    as_owner: Client, organisation: Organisation, stranger: Person
) -> None:
    services.add_membership(
        principal=system_principal(organisation.pk),
        organisation_id=organisation.pk,
        person_id=stranger.pk,
        role="agent",
    )
    response = as_owner.post(reverse("accounts:password_link", args=["shop", stranger.pk]), follow=True)
    assert "/password/reset/key/" not in response.content.decode()


def test_the_own_profile_is_saved(as_owner: Client, owner: Person) -> None:
    assert as_owner.get(reverse("accounts:profile")).status_code == 200
    as_owner.post(reverse("accounts:profile"), {"name": "Olive", "language": "zh-hans"})
    owner.refresh_from_db()
    assert (owner.name, owner.language) == ("Olive", "zh-hans")


def test_a_new_key_is_shown_once_and_then_listed_without_its_secret(as_owner: Client) -> None:
    made = as_owner.post(
        reverse("accounts:new_key", args=["shop"]), {"name": "Website", "scopes": ["search"], "lifetime": "90"}
    )
    content = made.content.decode()
    secret = content[content.index("llmasos_") :].split("<")[0].strip()
    assert services.authenticate_key(secret).scopes == frozenset({"search"})
    listed = as_owner.get(reverse("accounts:keys", args=["shop"])).content.decode()
    assert "Website" in listed
    assert secret not in listed
