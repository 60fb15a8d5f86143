"""Runs of kinds that higher packages register."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.context import bound, current
from llmasos.inference import database, kinds, services, streams
from llmasos.inference.context import RunContext
from llmasos.inference.engine.host import EngineHost
from llmasos.inference.errors import InvalidRequest
from tests.inference.requests import run_row

StartEngine = Callable[..., EngineHost]
Register = Callable[[kinds.Handler], None]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    known: dict[str, kinds.Kind] = {}
    monkeypatch.setattr(kinds, "_kinds", known)
    return lambda handler: kinds.register_kind("trial", handler)


def test_a_handler_shows_events_and_ends_its_run(
    engine_here: StartEngine, principal: Principal, register: Register
) -> None:
    def handler(context: RunContext) -> None:
        context.emit("quote", {"text": context.payload["question"]})
        context.finish("abstained", {"finish_reason": "no evidence"})

    register(handler)
    engine_here()
    run_id = services.start_run(principal, "trial", {"question": "why"})
    events = list(streams.read(run_id))
    assert [(event.event, event.data) for event in events] == [
        ("quote", {"text": "why"}),
        ("abstained", {"finish_reason": "no evidence"}),
    ]
    assert run_row(principal, run_id).state == "abstained"


def test_a_run_names_the_request_that_asked_for_it(
    engine_here: StartEngine, principal: Principal, register: Register
) -> None:
    register(lambda context: context.finish("done", {}))
    engine_here()
    with bound(request_id="asked-by-this"):
        run_id = services.start_run(principal, "trial", {})
    list(streams.read(run_id))
    assert run_row(principal, run_id).request_id == "asked-by-this"


def test_what_a_request_has_done_on_another_thread_is_still_its_own() -> None:
    with bound(request_id="asked-by-this"):
        assert database.submit(current).result().request_id == "asked-by-this"


def test_a_handler_embeds_in_its_own_process(
    engine_here: StartEngine, principal: Principal, register: Register
) -> None:
    def handler(context: RunContext) -> None:
        vectors = services.embed(context.principal, ["two texts", "are embedded"]).vectors
        context.finish("done", {"shape": list(vectors.shape)})

    register(handler)
    engine_here()
    (event,) = streams.read(services.start_run(principal, "trial", {}))
    assert event.data == {"shape": [2, 384]}


def test_what_the_finish_stores_is_lost_when_it_raises(
    engine_here: StartEngine, principal: Principal, register: Register
) -> None:
    def store() -> None:
        raise LookupError("nothing to store it in")

    register(lambda context: context.finish("done", {}, within=store))
    engine_here()
    (event,) = streams.read(services.start_run(principal, "trial", {}))
    assert (event.event, event.data["error"]["code"]) == ("failed", "engine_error")


def test_a_handler_that_leaves_without_an_end_fails_its_run(
    engine_here: StartEngine, principal: Principal, register: Register
) -> None:
    register(lambda context: context.emit("quote", {}))
    engine_here()
    events = list(streams.read(services.start_run(principal, "trial", {})))
    assert events[-1].data["error"]["code"] == "handler_left"


def test_a_cancelled_handler_stops_at_its_next_event(
    engine_here: StartEngine, principal: Principal, register: Register
) -> None:
    def handler(context: RunContext) -> None:
        while True:
            context.emit("quote", {})

    register(handler)
    engine_here()
    run_id = services.start_run(principal, "trial", {})
    stream = streams.read(run_id)
    next(stream)
    services.cancel(principal, run_id)
    assert list(stream)[-1].event == "cancelled"


def test_a_repeated_key_gives_the_first_run(engine_here: StartEngine, principal: Principal, register: Register) -> None:
    register(lambda context: context.finish("done", {}))
    engine_here()
    first = services.start_run(principal, "trial", {}, idempotency_key="message-1")
    assert services.start_run(principal, "trial", {}, idempotency_key="message-1") == first


def test_a_run_of_a_transaction_that_is_undone_never_starts(
    engine_here: StartEngine, principal: Principal, register: Register
) -> None:
    register(lambda context: context.finish("done", {}))
    host = engine_here()
    with acting_in(principal.organisation_id):
        services.start_run(principal, "trial", {})
        transaction.set_rollback(True)
    assert host.running() == ()


def test_an_unknown_kind_is_refused(committed_database: str, valkey: object, principal: Principal) -> None:
    with pytest.raises(InvalidRequest):
        services.start_run(principal, "no-such-kind", {})
