"""The page of requests: what it lists, to whom, and stopping one."""

from __future__ import annotations

import pytest
from django.test import Client

from llmasos.accounts.models import ApiKey, Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.console.requests import queries
from llmasos.console.requests.queries import Wanted, mark_of, marked
from llmasos.inference.models import Run, RunState
from tests.console.runs import make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
OWN, ALL = "/o/shop/console/requests/", "/console/requests/"


@pytest.fixture
def waiting(organisation: Organisation) -> Run:
    with acting_in(organisation):
        return make_run(organisation, state=RunState.QUEUED, started_at=None, finished_at=None)


def test_a_page_of_runs_goes_on_where_the_one_before_ended(organisation: Organisation) -> None:
    with acting_in(organisation):
        made = [make_run(organisation, minutes_ago=minutes).pk for minutes in (1, 2, 3)]
        first = queries.own_runs(organisation.pk, Wanted(), size=2)
        second = queries.own_runs(organisation.pk, Wanted(before=mark_of(first.older)), size=2)
    assert [row.run.pk for row in first.rows + second.rows] == made
    assert (first.older, second.older) == (marked(first.rows[-1].run), "")


def test_operators_page_through_all_organisations_in_the_same_order(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    made = []
    for minutes, one in ((1, organisation), (2, other_organisation), (3, organisation)):
        with acting_in(one):
            made.append(make_run(one, minutes_ago=minutes).pk)
    first = queries.all_runs(Wanted(), size=2)
    second = queries.all_runs(Wanted(before=mark_of(first.older)), size=2)
    assert [row.run.pk for row in first.rows + second.rows] == made
    assert [row.organisation.name for row in first.rows if row.organisation] == ["The Shop", "The Clinic"]


def test_a_run_is_listed_with_its_phases_and_its_program(
    client: Client, owner: Person, organisation: Organisation
) -> None:
    with acting_in(organisation):
        key = ApiKey.objects.create(organisation=organisation, name="Till", prefix="llmasos_1", secret_digest=b"")
        make_run(organisation, principal_kind="key", principal_id=key.pk, queue_ms=12.6, prefill_ms=340, decode_ms=1200)
    client.force_login(owner)
    text = client.get(OWN).content.decode()
    for shown in ("Till", ">13<", ">340<", ">1,200<"):
        assert shown in text


def test_what_a_person_asked_is_not_named_after_them(client: Client, owner: Person, organisation: Organisation) -> None:
    with acting_in(organisation):
        make_run(organisation, principal_kind="person", principal_id=owner.pk)
    client.force_login(owner)
    body = client.get(OWN).content.decode().split("region-ended_runs-title", 1)[1]
    assert "A person" in body
    assert owner.name not in body


def test_an_administrator_stops_a_run_and_that_is_recorded(
    client: Client, owner: Person, organisation: Organisation, waiting: Run
) -> None:
    client.force_login(owner)
    assert client.post(f"{OWN}{waiting.pk}/stop").status_code == 302
    with acting_in(organisation):
        waiting.refresh_from_db()
        assert waiting.state == RunState.CANCELLED
        assert Entry.objects.filter(action="inference.cancel", object_id=waiting.pk, actor_id=owner.pk).exists()


def test_an_operator_stops_a_run_and_the_organisations_log_says_so(
    client: Client, operator: Person, organisation: Organisation, waiting: Run
) -> None:
    client.force_login(operator)
    assert client.post(f"{ALL}{waiting.pk}/stop").status_code == 302
    with acting_in(organisation):
        entry = Entry.objects.get(action="inference.cancel", object_id=waiting.pk)
    assert (entry.actor_id, entry.actor_role) == (operator.pk, "operator")


def test_nobody_stops_a_run_of_another_organisation(client: Client, stranger: Person, waiting: Run) -> None:
    client.force_login(stranger)
    client.post(f"/o/clinic/console/requests/{waiting.pk}/stop")
    with acting_in(waiting.organisation_id):
        waiting.refresh_from_db()
    assert waiting.state == RunState.QUEUED


@pytest.mark.parametrize("query", ["?before=nonsense", "?state=odd&engine=odd&period=odd", "?organisation=odd"])
def test_a_filter_that_makes_no_sense_is_passed_over(client: Client, operator: Person, query: str) -> None:
    client.force_login(operator)
    assert client.get(f"{ALL}{query}").status_code == 200


def test_what_is_under_way_is_listed_however_long_ago_it_began_and_nothing_that_ended(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    with acting_in(organisation):
        make_run(organisation)
        old = make_run(organisation, minutes_ago=60 * 24 * 40, state=RunState.RUNNING, finished_at=None).pk
        assert [row.run.pk for row in queries.own_live_runs(organisation.pk).rows] == [old]
    with acting_in(other_organisation):
        new = make_run(other_organisation, state=RunState.QUEUED, started_at=None, finished_at=None).pk
    assert [row.run.pk for row in queries.all_live_runs().rows] == [new, old]
    assert [row.run.pk for row in queries.all_live_runs(organisation.pk).rows] == [old]
