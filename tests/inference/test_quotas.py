from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import redis
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmasos.accounts.errors import NotAllowedError
from llmasos.accounts.models import Organisation, Person
from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.services import create_api_key
from llmasos.accounts.tenancy import acting_in
from llmasos.api.openai.errors import refusal_of
from llmasos.api.problems import problem_response
from llmasos.audit.models import Entry
from llmasos.audit.types import Actor
from llmasos.inference import services, streams
from llmasos.inference.engine.host import EngineHost
from llmasos.inference.errors import Overloaded, QuotaExceeded
from llmasos.inference.models import UsageLimit
from llmasos.inference.payloads import size_of
from llmasos.inference.preparing import prepared
from llmasos.inference.quotas import counting
from llmasos.inference.quotas.counting import Demand
from llmasos.inference.quotas.queries import limit_states, usage
from llmasos.inference.quotas.services import remove_limit, set_limit
from llmasos.inference.quotas.words import told
from llmasos.inference.submission import submit
from llmasos.inference.valkey import client
from tests.inference.requests import LONG, asked, run_row, until

NOON = datetime(2026, 11, 28, 12, 0, 30, tzinfo=UTC)
ALLOWED = 100


def allow(organisation: Organisation, measure: str, period: str, amount: int, **fields: Any) -> UsageLimit:
    return set_limit(
        principal=system_principal(organisation.pk),
        organisation_id=organisation.pk,
        measure=measure,
        period=period,
        amount=amount,
        **fields,
    )


def used(organisation: Organisation) -> list[int | None]:
    return [state.used for state in limit_states(organisation.pk)]


def take(
    organisation: Organisation, *, tokens: int = 1, principal: Principal | None = None, now: datetime = NOON
) -> UUID | None:
    who = principal or system_principal(organisation.pk)
    return counting.reserve(who, tokens=tokens, deadline_seconds=60, now=now)


def give_back(organisation: Organisation, run_id: UUID | None, *, tokens: int = 0) -> None:
    assert run_id is not None
    counting.settle(client(), run_id, organisation.pk, tokens=tokens)


def test_what_a_request_did_not_use_comes_back(organisation: Organisation, valkey: redis.Redis) -> None:
    allow(organisation, "tokens", "day", ALLOWED)
    first = take(organisation, tokens=90, now=timezone.now())
    assert used(organisation) == [90]
    give_back(organisation, first, tokens=7)
    give_back(organisation, first, tokens=7)
    assert used(organisation) == [7]


def test_over_a_limit_says_which_and_until_when(organisation: Organisation, valkey: redis.Redis) -> None:
    allow(organisation, "requests", "minute", 1)
    take(organisation)
    with pytest.raises(QuotaExceeded) as refused:
        take(organisation)
    assert refused.value.retry_after == 30
    assert told(refused.value) == (
        "A limit of your organisation is reached: requests a minute, 1 of 1 used."
        " It is free again at 2026-11-28 12:01 UTC."
    )
    assert take(organisation, now=NOON + timedelta(minutes=1)) is not None


def test_a_refused_request_takes_nothing_of_other_limits(organisation: Organisation, valkey: redis.Redis) -> None:
    allow(organisation, "requests", "month", 10)
    allow(organisation, "tokens", "month", ALLOWED)
    with pytest.raises(QuotaExceeded):
        take(organisation, tokens=ALLOWED + 1, now=timezone.now())
    assert used(organisation) == [0, 0]


def test_a_key_has_limits_of_its_own(organisation: Organisation, valkey: redis.Redis) -> None:
    key, other = (Principal(organisation.pk, "key", uuid4()) for _ in range(2))
    with acting_in(organisation):
        UsageLimit(
            organisation=organisation, program_kind="key", program_id=key.id, measure="requests", period="day", amount=1
        ).save(force_insert=True)
    take(organisation, principal=key)
    with pytest.raises(QuotaExceeded):
        take(organisation, principal=key)
    assert take(organisation, principal=other) is None


def test_many_at_once_never_pass_a_limit(organisation: Organisation, valkey: redis.Redis) -> None:
    limit = allow(organisation, "concurrent", "", 5)
    counters = (counting.counter_of(limit, NOON, wanted=1),)
    counting.begin(organisation.pk, counters[0], NOON)

    def attempt(_: int) -> bool:
        demand = Demand(uuid4(), organisation.pk, counters, NOON, 60)
        keys = demand.keys()
        try:
            demand.may_try_again(client().eval(counting._RESERVE, len(keys), *keys, *demand.arguments()))
        except QuotaExceeded:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(attempt, range(64))) == 5


def test_a_reservation_that_nobody_settles_lapses(organisation: Organisation, valkey: redis.Redis) -> None:
    allow(organisation, "concurrent", "", 1)
    take(organisation)
    with pytest.raises(QuotaExceeded):
        take(organisation, now=NOON + timedelta(seconds=119))
    assert take(organisation, now=NOON + timedelta(seconds=121)) is not None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.one_of(
            st.tuples(st.just("take"), st.integers(1, 60), st.integers(0, 60)),
            st.tuples(st.just("settle"), st.integers(0, 5), st.integers(0, 80)),
        ),
        max_size=30,
    )
)
def test_what_counts_is_what_was_settled_and_what_is_reserved_and_nothing_else(
    organisation: Organisation, valkey: redis.Redis, acts: list[tuple[str, int, int]]
) -> None:
    """Against a model of it: a run that nobody settles lapses, a second settlement changes nothing."""
    valkey.flushdb()
    limit = allow(organisation, "tokens", "day", ALLOWED)
    key, spent, now = counting.counter_of(limit, NOON).key, 0, NOON
    reserved: dict[UUID, tuple[int, datetime]] = {}
    known: list[UUID] = []
    for act, number, more in acts:
        if act == "take":
            now += timedelta(seconds=more)
            reserved = {run_id: held for run_id, held in reserved.items() if held[1] > now}
            has_room = spent + sum(tokens for tokens, _ in reserved.values()) + number <= ALLOWED
            try:
                run_id = take(organisation, tokens=number, now=now)
            except QuotaExceeded:
                assert not has_room
            else:
                assert has_room
                assert run_id is not None
                known.append(run_id)
                reserved[run_id] = (number, now + timedelta(seconds=60 + counting.LAPSE_SECONDS))
        elif known:
            settled = known[number % len(known)]
            give_back(organisation, settled, tokens=more)
            if reserved.pop(settled, None):
                spent += more
        counted = spent + sum(tokens for tokens, _ in reserved.values())
        assert int(valkey.get(key) or 0) == counted  # type: ignore[arg-type]


def test_a_run_counts_with_what_it_used_and_its_rows_say_so_after_a_loss(
    engine_here: Callable[..., EngineHost], organisation: Organisation, valkey: redis.Redis
) -> None:
    engine_here()
    principal = system_principal(organisation.pk)
    allow(organisation, "tokens", "day", 1000)
    allow(organisation, "concurrent", "", 1)
    services.chat(principal, asked("one two three"))
    services.embed(principal, ["four five"])
    assert used(organisation) == [8, 0]
    valkey.flushdb()
    assert used(organisation) == [8, 0]
    (row,) = usage(organisation.pk, since=timezone.now() - timedelta(days=1))
    assert (row.requests, row.failed, row.prompt_tokens, row.completion_tokens) == (2, 0, 5, 3)


@pytest.mark.parametrize("ends_by", ["cancelling", "its deadline"])
def test_a_prompt_that_is_left_before_its_first_token_counts(
    engine_here: Callable[..., EngineHost], organisation: Organisation, valkey: redis.Redis, ends_by: str
) -> None:
    engine_here(token_ms=3000)
    principal = system_principal(organisation.pk)
    allow(organisation, "tokens", "day", 1000)
    request = asked("words that nobody waits for", deadline_seconds=60 if ends_by == "cancelling" else 1)
    run_id = submit(principal, prepared(principal, request)[1])
    if ends_by == "cancelling":
        until(lambda: run_row(principal, run_id).state == "running")
        services.cancel(principal, run_id)
    assert list(streams.read(run_id))[-1].data["usage"]["prompt_tokens"] == size_of(request)
    row = run_row(principal, run_id)
    assert (row.prompt_tokens, row.completion_tokens) == (size_of(request), 0)
    assert used(organisation) == [size_of(request)]


def test_a_stream_that_is_left_midway_counts_with_its_prompt_and_its_pieces(
    engine_here: Callable[..., EngineHost], organisation: Organisation, valkey: redis.Redis
) -> None:
    engine_here(token_ms=30)
    principal = system_principal(organisation.pk)
    allow(organisation, "tokens", "day", 1000)
    run_id = submit(principal, prepared(principal, asked(LONG))[1])
    next(streams.read(run_id))
    services.cancel(principal, run_id)
    assert list(streams.read(run_id))[-1].event == "cancelled"
    row = run_row(principal, run_id)
    assert row.prompt_tokens >= 100
    assert 0 < row.completion_tokens < 100
    assert used(organisation) == [row.prompt_tokens + row.completion_tokens]


def test_a_run_that_never_started_costs_no_tokens(
    committed_database: str, organisation: Organisation, valkey: redis.Redis
) -> None:
    principal = system_principal(organisation.pk)
    allow(organisation, "tokens", "day", 1000)
    run_id = submit(principal, prepared(principal, asked(LONG))[1])
    assert used(organisation) != [0]
    services.cancel(principal, run_id)
    assert used(organisation) == [0]


def test_a_run_over_the_limit_does_not_start(
    engine_here: Callable[..., EngineHost], organisation: Organisation, valkey: redis.Redis
) -> None:
    engine_here()
    allow(organisation, "tokens", "month", 50)
    with pytest.raises(Overloaded, match="50 tokens"):
        services.chat(system_principal(organisation.pk), asked("one two", max_tokens=100))
    assert usage(organisation.pk, since=timezone.now() - timedelta(days=1)) == ()


def test_only_operators_limit_an_organisation_and_each_change_is_recorded(
    organisation: Organisation, owner: Person, valkey: redis.Redis
) -> None:
    administrator = Principal(organisation.pk, "person", owner.pk, roles=frozenset({"administrator"}))
    given = {"organisation_id": organisation.pk, "measure": "tokens", "period": "day", "amount": 5}
    with pytest.raises(NotAllowedError):
        set_limit(principal=administrator, **given)  # type: ignore[arg-type]
    Person.objects.filter(pk=owner.pk).update(is_operator=True)
    limit = set_limit(principal=administrator, **given)  # type: ignore[arg-type]
    remove_limit(principal=administrator, organisation_id=organisation.pk, limit_id=limit.pk)
    with acting_in(organisation):
        entries = Entry.objects.filter(action="inference.limit_change").order_by("recorded_at")
        assert [entry.digests["amount"] for entry in entries] == [5, "none"]


def test_an_administrator_limits_a_key_of_the_organisation(organisation: Organisation, owner: Person) -> None:
    administrator = Principal(organisation.pk, "person", owner.pk, roles=frozenset({"administrator"}))
    issued = create_api_key(
        principal=administrator, organisation_id=organisation.pk, name="program", scopes=["generate"]
    )
    limit = allow(organisation, "requests", "minute", 3, program=Actor("key", issued.key.pk))
    assert (limit.program_kind, limit.program_id) == ("key", issued.key.pk)


def refused(period: str) -> QuotaExceeded:
    return QuotaExceeded(
        measure="tokens", period=period, amount=10, used=9, wanted=4, by_program=True, until=NOON, retry_after=29.2
    )


def test_openai_clients_are_told_when_to_come_back() -> None:
    error = refusal_of(refused("minute"))
    assert error is not None
    response = error.response()
    assert (response.status_code, response["Retry-After"]) == (429, "30")
    assert json.loads(response.content)["error"]["code"] == "rate_limit_exceeded"


def test_openai_clients_do_not_hammer_a_spent_budget() -> None:
    error = refusal_of(refused("month"))
    assert error is not None
    response = error.response()
    assert response["x-should-retry"] == "false"
    assert json.loads(response.content)["error"]["type"] == "insufficient_quota"


def test_the_platform_api_answers_with_a_problem() -> None:
    response = problem_response(refused("day"), {})
    assert response is not None
    assert (response.status_code, response.headers["Retry-After"], response.data["code"]) == (
        429,
        "30",
        "quota_exceeded",
    )
    assert "9 of 10 used" in response.data["detail"]
