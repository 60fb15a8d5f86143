"""Usage and limits on their pages; the limits themselves are tested with the model service."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from llmasos.accounts.models import ApiKey, Organisation, Person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.console.organisations.queries import organisations
from llmasos.console.usage import queries
from llmasos.console.usage.queries import DAYS, Total
from llmasos.inference.models import RunState, UsageLimit
from tests.console.runs import make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
PAGE = "/o/shop/console/usage/"


@pytest.fixture
def key(organisation: Organisation) -> ApiKey:
    with acting_in(organisation):
        return ApiKey.objects.create(organisation=organisation, name="Till", prefix="llmasos_1", secret_digest=b"")


def test_usage_is_summed_by_day_and_program_and_people_are_one(organisation: Organisation, key: ApiKey) -> None:
    with acting_in(organisation):
        program = {"principal_kind": "key", "principal_id": key.pk}
        make_run(organisation, prompt_tokens=100, completion_tokens=20, **program)
        make_run(organisation, prompt_tokens=10, state=RunState.FAILED, **program)
        for _ in range(2):
            make_run(organisation, prompt_tokens=1, principal_kind="person", principal_id=uuid4())
        found = queries.own_usage(organisation.pk)
    assert [(used.name, used.total) for used in found.programs] == [
        ("Till", Total(2, 1, 110, 20)),
        ("People", Total(2, 0, 2, 0)),
    ]
    assert (len(found.days), found.total) == (DAYS, Total(4, 1, 112, 20))


def test_operators_see_organisations_in_the_place_of_programs(
    organisation: Organisation, other_organisation: Organisation
) -> None:
    for one, tokens in ((organisation, 5), (other_organisation, 50)):
        with acting_in(one):
            make_run(one, prompt_tokens=tokens)
    found = queries.all_usage()
    assert [(used.name, used.total.tokens) for used in found.programs] == [("The Clinic", 50), ("The Shop", 5)]


def test_a_limit_is_set_changed_and_the_change_taken_back(
    client: Client, owner: Person, organisation: Organisation, key: ApiKey
) -> None:
    client.force_login(owner)
    form = {"program": f"key:{key.pk}", "kind": "tokens:day"}
    for amount in (1000, 500):
        assert client.post(f"{PAGE}limit", {**form, "amount": amount}).status_code == 302
    page = client.get(PAGE).content.decode()
    assert "The limit was changed." in page
    assert 'name="amount" value="1000"' in page
    client.post(f"{PAGE}limit", {**form, "amount": 1000})
    with acting_in(organisation):
        assert UsageLimit.objects.get().amount == 1000
        assert Entry.objects.filter(action="inference.limit_change", actor_id=owner.pk).count() == 3


def test_a_wrong_amount_is_said_and_changes_nothing(
    client: Client, owner: Person, organisation: Organisation, key: ApiKey
) -> None:
    client.force_login(owner)
    answer = client.post(f"{PAGE}limit", {"program": f"key:{key.pk}", "kind": "tokens:day", "amount": "-1"})
    assert answer.status_code == 422
    with acting_in(organisation):
        assert not UsageLimit.objects.exists()


def test_an_operator_limits_an_organisation_as_a_whole_and_its_administrators_cannot_lift_that(
    client: Client, operator: Person, owner: Person, organisation: Organisation
) -> None:
    client.force_login(operator)
    client.post(f"/console/usage/{organisation.pk}/limit", {"kind": "requests:minute", "amount": 7})
    with acting_in(organisation):
        limit = UsageLimit.objects.get()
    assert (limit.program_id, limit.amount) == (None, 7)
    client.force_login(owner)
    assert "set by the operators" in client.get(PAGE).content.decode()
    client.raise_request_exception = False
    assert client.post(f"{PAGE}limits/{limit.pk}/remove").status_code == 403
    with acting_in(organisation):
        assert UsageLimit.objects.exists()


def test_an_operator_is_not_shown_the_programs_of_an_organisation(
    client: Client, operator: Person, owner: Person, organisation: Organisation, key: ApiKey
) -> None:
    client.force_login(owner)
    client.post(f"{PAGE}limit", {"program": f"key:{key.pk}", "kind": "tokens:day", "amount": 10})
    client.force_login(operator)
    assert "Till" not in client.get(f"/console/usage/{organisation.pk}/").content.decode()


def test_an_answer_counts_by_the_model_calls_it_makes_on_every_page(organisation: Organisation) -> None:
    with acting_in(organisation):
        make_run(organisation, prompt_tokens=5)
        make_run(organisation, kind="answer", prompt_tokens=5)
        own = queries.own_usage(organisation.pk).total
    rows, _total = organisations("", page=1)
    assert own == queries.all_usage().total == Total(1, 0, 5, 0)
    assert [(row.runs, row.tokens) for row in rows if row.id == organisation.pk] == [(1, 5)]


def test_a_limit_outlives_its_key_with_its_name_and_is_taken_away_for_good(
    client: Client, owner: Person, organisation: Organisation, key: ApiKey
) -> None:
    client.force_login(owner)
    client.post(f"{PAGE}limit", {"program": f"key:{key.pk}", "kind": "tokens:day", "amount": 5})
    with acting_in(organisation):
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now() - ApiKey.UNDO)
        limit = UsageLimit.objects.get()
    assert "Till (llmasos_1…) <span" in client.get(f"{PAGE}live").content.decode()
    client.post(f"{PAGE}limits/{limit.pk}/remove")
    assert "The limit was taken away." not in client.get(PAGE).content.decode()
