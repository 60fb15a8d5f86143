from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from llmasos.accounts.models import Membership
from llmasos.accounts.queries import membership_in, memberships_of
from llmasos.accounts.tenancy import OrganisationMismatchError, acting_in, kept_while_acting

if TYPE_CHECKING:
    from llmasos.accounts.models import Organisation, Person

pytestmark = pytest.mark.django_db


def test_the_application_neither_is_superuser_nor_bypasses_row_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False)


def test_the_application_owns_no_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert cursor.fetchone() == (0,)


def test_a_forgotten_filter_returns_only_the_own_organisation(
    owner: Person, stranger: Person, organisation: Organisation
) -> None:
    with acting_in(organisation):
        assert {membership.person_id for membership in Membership.objects.all()} == {owner.pk}


def test_outside_an_organisation_nothing_is_visible(owner: Person) -> None:
    assert not Membership.objects.exists()


def test_a_row_cannot_be_written_into_another_organisation(
    owner: Person, organisation: Organisation, other_organisation: Organisation
) -> None:
    from django.db import ProgrammingError, transaction

    with acting_in(organisation), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Membership.objects.create(organisation=other_organisation, person=owner, role="auditor")


def test_one_transaction_never_acts_in_two_organisations(organisation: Organisation) -> None:
    with acting_in(organisation), pytest.raises(OrganisationMismatchError), acting_in(uuid.uuid4()):
        pass


def test_leaving_an_organisation_closes_it(organisation: Organisation, owner: Person) -> None:
    with acting_in(organisation):
        assert Membership.objects.exists()
    assert not Membership.objects.exists()


def test_a_person_sees_the_organisations_they_belong_to(owner: Person, organisation: Organisation) -> None:
    (view,) = memberships_of(owner.pk)
    assert (view.slug, view.roles) == ("shop", frozenset({"administrator"}))


def test_a_stranger_has_no_membership(owner: Person, stranger: Person) -> None:
    assert membership_in("shop", stranger.pk) is None


def test_a_deactivated_person_belongs_nowhere(owner: Person) -> None:
    owner.is_active = False
    owner.save()
    assert memberships_of(owner.pk) == ()


def test_what_is_kept_lives_as_long_as_the_outermost_organisation(organisation: Organisation) -> None:
    assert kept_while_acting() is None
    with acting_in(organisation):
        kept = kept_while_acting()
        with acting_in(organisation):
            assert kept_while_acting() is kept
    with acting_in(organisation):
        assert kept_while_acting() is not kept
