from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID, uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref
from llmasos.console.activity import queries
from llmasos.console.activity.comparing import LEAST_MORE, Comparison, compare
from llmasos.privacy.breakglass.permissions import PURPOSE
from llmasos.privacy.relations import register_relation, unregister_relation

PAGE = "/o/shop/audit/activity/"


def test_a_person_far_above_the_peers_stands_out_with_the_numbers_that_say_so() -> None:
    found = compare(84, [8, 10, 12, 14, 20])
    assert (found.peers, found.median, found.deviation) == (5, 12.0, 2.0)
    assert found.limit == pytest.approx(22.0)
    assert found.stands_out


def test_among_peers_who_all_do_the_same_one_more_is_nothing() -> None:
    assert not compare(6, [5, 5, 5, 5, 5]).stands_out


def test_with_few_peers_nobody_is_compared() -> None:
    assert compare(500, [1, 1, 1]).limit is None


@given(st.lists(st.integers(0, 10_000), min_size=4), st.integers(0, 20_000))
def test_nobody_at_or_below_the_peers_median_stands_out(peers: list[int], number: int) -> None:
    found = compare(number, peers)
    assert found.limit is not None
    assert found.limit >= found.median + LEAST_MORE
    assert found.stands_out == (number > found.limit)


def read(organisation: Organisation, person: UUID, subject: UUID, *, purpose: str = "", role: str = "agent") -> None:
    with acting_in(organisation):
        record(
            organisation_id=organisation.pk,
            actor=Actor("person", person, role),
            action="audit.read",
            subject=Ref("test_patient", subject),
            purpose=purpose,
        )


@pytest.fixture
def related() -> Iterator[set[UUID]]:
    """Let patients be in the care of everybody; the set holds who is."""
    patients: set[UUID] = set()

    def in_care(organisation_id: UUID, person_id: UUID, subjects: frozenset[UUID]) -> frozenset[UUID]:
        return subjects & patients

    register_relation("test_patient", "in their care", in_care)
    yield patients
    unregister_relation("test_patient", "in their care")


@pytest.mark.django_db
def test_different_people_count_once_and_oneself_not_at_all(organisation: Organisation) -> None:
    person, subject = uuid4(), uuid4()
    for opened in (subject, subject, uuid4(), person):
        read(organisation, person, opened)
    with acting_in(organisation):
        (reader,) = queries.readers(organisation.pk)
    assert reader.subjects == 2


@pytest.mark.django_db
def test_people_are_compared_with_those_of_the_same_role(organisation: Organisation) -> None:
    busy = uuid4()
    for number in range(20):
        read(organisation, busy, uuid4())
        if number < 5:
            read(organisation, uuid4(), uuid4())
            read(organisation, uuid4(), uuid4(), role="teacher")
    with acting_in(organisation):
        found = {reader.person_id: reader for reader in queries.readers(organisation.pk)}
    assert [number for number, reader in found.items() if reader.comparison.stands_out] == [busy]
    assert found[busy].comparison.peers == 5


@pytest.mark.django_db
def test_who_opened_as_many_is_compared_once(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(6):
        read(organisation, uuid4(), uuid4())
    compared: list[int] = []

    def counted(number: int, peers: Iterable[int]) -> Comparison:
        compared.append(number)
        return compare(number, peers)

    monkeypatch.setattr(queries, "compare", counted)
    with acting_in(organisation):
        found = queries.readers(organisation.pk)
    assert ([reader.comparison.peers for reader in found], compared) == ([5] * 6, [1])


@pytest.mark.django_db
def test_access_outside_the_relation_is_listed_and_emergency_access_named(
    organisation: Organisation, related: set[UUID]
) -> None:
    person, own, foreign, urgent = uuid4(), uuid4(), uuid4(), uuid4()
    related.add(own)
    read(organisation, person, own)
    read(organisation, person, foreign)
    read(organisation, person, urgent, purpose=PURPOSE)
    with acting_in(organisation):
        found = {one.subject_id: one.by_emergency for one in queries.outside(organisation.pk)}
    assert found == {foreign: False, urgent: True}


@pytest.mark.django_db
def test_a_kind_for_which_nobody_tells_relations_has_nothing_outside(organisation: Organisation) -> None:
    read(organisation, uuid4(), uuid4())
    with acting_in(organisation):
        assert queries.outside(organisation.pk) == []


@pytest.mark.django_db
def test_the_page_says_the_rule_with_its_numbers(client: Client, owner: Person, organisation: Organisation) -> None:
    busy = uuid4()
    for _number in range(30):
        read(organisation, busy, uuid4())
    for _number in range(5):
        read(organisation, uuid4(), uuid4())
    client.force_login(owner)
    text = client.get(PAGE).content.decode()
    assert "opened the data of 30 people. Of 5 others with this role, half opened 1 or fewer" in text
    assert "3 times 1.4826 times their median absolute deviation" in text


@pytest.mark.django_db
def test_an_empty_log_has_its_page_too(client: Client, owner: Person) -> None:
    client.force_login(owner)
    assert "Nobody opened anybody’s data" in client.get(PAGE).content.decode()
