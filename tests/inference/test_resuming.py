"""Answers under an idempotency key: who reads them, when they are stopped, and what finds them again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import redis

from llmasos.accounts.principals import Principal
from llmasos.inference import catalogue, resuming, streams, transit
from llmasos.inference.engine.host import EngineHost
from llmasos.inference.errors import KeyReused, QuotaExceeded, UnknownModel, error_from_code
from llmasos.inference.quotas.words import told
from llmasos.inference.resuming import Found
from tests.inference.requests import LONG, asked, run_row

StartEngine = Callable[..., EngineHost]
REQUEST = asked(LONG)


def attached(principal: Principal) -> Found:
    return resuming.attach(principal, REQUEST, "a key", digest="of the body")


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "GRACE_SECONDS", 0.0)


def test_a_run_is_stopped_when_its_last_reader_goes(
    engine_here: StartEngine, principal: Principal, no_grace: None
) -> None:
    engine_here(token_ms=20)
    found = attached(principal)

    async def read_and_go() -> None:
        reader = resuming.aread(principal, found)
        await anext(reader)
        await reader.aclose()
        await asyncio.gather(*resuming._waiting)

    asyncio.run(read_and_go())
    assert list(streams.read(found.run_id))[-1].event == "cancelled"


def test_a_run_goes_on_while_another_reads_it(engine_here: StartEngine, principal: Principal, no_grace: None) -> None:
    engine_here(token_ms=20)
    found = attached(principal)

    async def one_of_two_goes() -> str:
        first, second = resuming.aread(principal, found), resuming.aread(principal, attached_again)
        await anext(first)
        await anext(second)
        await second.aclose()
        return [event.event async for event in first][-1]

    attached_again = attached(principal)
    assert asyncio.run(one_of_two_goes()) == "done"


def test_a_reader_that_comes_back_in_time_finds_the_run_going_on(
    engine_here: StartEngine, principal: Principal
) -> None:
    engine_here(token_ms=5)
    found = attached(principal)

    async def go_and_come_back() -> str:
        reader = resuming.aread(principal, found)
        await anext(reader)
        await reader.aclose()
        return (await resuming.agather(principal, found)).text

    assert asyncio.run(go_and_come_back()) == LONG


def test_a_reader_whose_process_was_killed_counts_for_a_while_only(
    engine_here: StartEngine, principal: Principal, no_grace: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_here(token_ms=20)
    monkeypatch.setattr(resuming, "READER_SECONDS", 0.3)
    found = attached(principal)

    async def one_is_killed_and_one_goes() -> None:
        killed, other = resuming.aread(principal, found), resuming.aread(principal, found)
        await anext(killed)
        await anext(other)
        await other.aclose()
        await asyncio.gather(*resuming._waiting)

    asyncio.run(one_is_killed_and_one_goes())
    assert list(streams.read(found.run_id))[-1].event == "cancelled"


def test_a_run_is_found_again_when_its_model_is_gone(
    engine_here: StartEngine, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_here()
    found = attached(principal)
    list(streams.read(found.run_id))

    def gone(*_: object, **__: object) -> None:
        raise UnknownModel

    monkeypatch.setattr(catalogue, "resolve", gone)
    again = attached(principal)
    assert (again.run_id, again.is_new, again.model) == (found.run_id, False, found.model)
    with pytest.raises(KeyReused):
        resuming.attach(principal, asked("other"), "a key", digest="of another body")


def test_what_finds_a_run_outlives_its_stream(
    engine_here: StartEngine, principal: Principal, valkey: redis.Redis
) -> None:
    engine_here()
    key = run_row(principal, attached(principal).run_id).idempotency_key
    assert key is not None
    kept = int(valkey.ttl(transit.asked_key(principal.organisation_id, key)))  # type: ignore[arg-type]
    assert kept > transit.LIFETIME_SECONDS + REQUEST.deadline_seconds


def test_a_run_that_ended_by_a_limit_says_so() -> None:
    error = error_from_code("quota_exceeded", "", run_id=None)
    assert isinstance(error, QuotaExceeded)
    assert told(error) == "A limit on the use of models is reached. Try again later."
