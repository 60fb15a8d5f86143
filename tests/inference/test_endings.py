"""Cancel in each window, deadlines, overload: every run ends with exactly one terminal event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal, PrincipalKind, system_principal
from llmasos.inference import lifecycle, services, streams, transit
from llmasos.inference.database import aoutside
from llmasos.inference.engine.host import EngineHost
from llmasos.inference.errors import DeadlineExceeded, InvalidRequest, Overloaded, UnknownModel
from llmasos.inference.types import Priority
from tests.inference.requests import LONG, asked, run_row, start_generation, until

StartEngine = Callable[..., EngineHost]


def test_a_run_is_cancelled_while_it_waits_for_a_worker(
    committed_database: str, valkey: object, principal: Principal
) -> None:
    run_id = start_generation(principal, "never said")
    assert services.cancel(principal, run_id)
    assert [event.event for event in streams.read(run_id)] == ["cancelled"]
    assert not transit.has_input(run_id)


def test_a_run_is_cancelled_while_it_waits_in_the_engine(engine_here: StartEngine, principal: Principal) -> None:
    engine_here(token_ms=30)
    busy = [start_generation(principal, LONG) for _ in range(8)]
    next(streams.read(busy[-1]))
    waiting = start_generation(principal, "never said")
    assert services.cancel(principal, waiting)
    assert [event.event for event in streams.read(waiting)] == ["cancelled"]


def test_a_run_is_cancelled_before_its_first_token(engine_here: StartEngine, principal: Principal) -> None:
    engine_here(token_ms=4000)
    run_id = start_generation(principal, "late words")
    until(lambda: run_row(principal, run_id).state == "running")
    assert services.cancel(principal, run_id)
    assert [event.event for event in streams.read(run_id)] == ["cancelled"]


def test_a_run_is_cancelled_between_tokens(engine_here: StartEngine, principal: Principal) -> None:
    engine_here(token_ms=30)
    run_id = start_generation(principal, LONG)
    stream = streams.read(run_id)
    next(stream)
    assert services.cancel(principal, run_id)
    events = list(stream)
    assert events[-1].event == "cancelled"
    assert run_row(principal, run_id).completion_tokens < 60


def test_closing_a_stream_cancels_its_run(engine_here: StartEngine, principal: Principal) -> None:
    host = engine_here(token_ms=30)
    stream = services.stream_chat(principal, asked(LONG))
    next(stream)
    (run_id,) = host.running()
    stream.close()
    assert list(streams.read(run_id))[-1].event == "cancelled"


def test_a_chat_is_entered_by_the_one_attempt_that_claims_it(
    committed_database: str, valkey: object, principal: Principal
) -> None:
    run = services.begin_chat(principal, asked("said once")).run
    first, second = uuid4(), uuid4()
    claims = [lifecycle.enter_claimed(run, token=token) for token in (first, second, first)]
    assert [claim is not None for claim in claims] == [True, False, True]
    assert (run_row(principal, run.pk).state, run_row(principal, run.pk).model) == ("running", run.model)


async def test_a_chat_whose_caller_left_before_it_was_entered_is_begun_by_nobody(
    committed_database: str, valkey: object, principal: Principal
) -> None:
    begun = await services.abegin_chat(principal, asked("never said"))
    reading = asyncio.ensure_future(anext(services.aread_chat(principal, begun)))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await aoutside(run_row, principal, begun.run.pk)).state == "cancelled"
    assert await aoutside(partial(lifecycle.enter_claimed, begun.run, token=uuid4())) is None


def test_an_ended_run_cannot_be_cancelled(engine_here: StartEngine, principal: Principal) -> None:
    engine_here()
    result = services.chat(principal, asked("done soon"))
    assert not services.cancel(principal, result.run_id)


def test_somebody_else_may_not_cancel(committed_database: str, valkey: object, principal: Principal) -> None:
    run_id = start_generation(principal, "words")
    teacher = Principal(principal.organisation_id, "person", uuid4(), frozenset({"teacher"}))
    with pytest.raises(PermissionDenied):
        services.cancel(teacher, run_id)


def test_a_deadline_passes_in_the_middle(engine_here: StartEngine, principal: Principal) -> None:
    engine_here(token_ms=50)
    with pytest.raises(DeadlineExceeded):
        services.chat(principal, asked(LONG, deadline_seconds=0.8))


def test_a_deadline_passes_before_the_first_token(engine_here: StartEngine, principal: Principal) -> None:
    engine_here(token_ms=3000)
    with pytest.raises(DeadlineExceeded):
        services.chat(principal, asked("late", deadline_seconds=0.5))


def test_a_deadline_passes_without_any_worker(committed_database: str, valkey: object, principal: Principal) -> None:
    with pytest.raises(DeadlineExceeded):
        services.chat(principal, asked("nobody", deadline_seconds=0.5))


@pytest.fixture
def other(other_organisation: Organisation) -> Principal:
    return system_principal(other_organisation.pk)


def test_a_full_queue_refuses_and_says_when_to_come_again(
    committed_database: str, valkey: object, principal: Principal, other: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transit, "QUEUE_LIMITS", {"generate": 2})
    for who in (principal, other):
        start_generation(who, "text")
    with pytest.raises(Overloaded) as refused:
        services.chat(principal, asked("one too many"))
    assert refused.value.retry_after >= 1


def test_one_organisation_leaves_room_in_the_queue_for_others(
    committed_database: str, valkey: object, principal: Principal, other: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transit, "QUEUE_LIMITS", {"generate": 4})
    for _ in range(3):
        start_generation(principal, "text")
    with pytest.raises(Overloaded):
        services.chat(principal, asked("one too many of ours"))
    start_generation(other, "theirs")


def test_bulk_work_leaves_room_for_people(
    committed_database: str, valkey: object, principal: Principal, other: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transit, "QUEUE_LIMITS", {"generate": 4})
    for who in (principal, other, other):
        start_generation(who, "text")
    with pytest.raises(Overloaded):
        services.chat(principal, asked("bulk", priority=Priority.BULK))
    start_generation(principal, "a person")


def test_an_ended_run_gives_its_place_back(
    engine_here: StartEngine, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transit, "QUEUE_LIMITS", {"generate": 1})
    engine_here()
    for _ in range(3):
        until(lambda: not _is_full(principal))


def test_an_unknown_model_is_refused_at_once(committed_database: str, valkey: object, principal: Principal) -> None:
    with pytest.raises(UnknownModel):
        services.chat(principal, asked("text", model="no-such-model"))


def test_a_request_without_text_is_refused(committed_database: str, valkey: object, principal: Principal) -> None:
    with pytest.raises(InvalidRequest):
        services.embed(principal, [])


@pytest.mark.parametrize("kind", ["key", "service"])
def test_a_key_without_the_scope_is_refused(
    committed_database: str, valkey: object, principal: Principal, kind: PrincipalKind
) -> None:
    key = Principal(principal.organisation_id, kind, uuid4(), scopes=frozenset({"embed"}))
    with pytest.raises(PermissionDenied):
        services.chat(key, asked("text"))


def _is_full(principal: Principal) -> bool:
    try:
        services.chat(principal, asked("text"))
    except Overloaded:
        return True
    return False
