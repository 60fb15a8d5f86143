"""A killed worker, a restarted Valkey and a doubled delivery: one result or one clear error each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from llmasos.accounts.principals import Principal
from llmasos.inference import lifecycle, publishing, services, streams, transit
from llmasos.inference.expiry import expire_runs
from llmasos.inference.types import StreamEvent
from tests.inference.conftest import StartWorker, Worker
from tests.inference.requests import LONG, asked, run_row, start_generation


def test_a_worker_killed_mid_stream_ends_in_one_clear_failure(start_worker: StartWorker, principal: Principal) -> None:
    worker = start_worker(token_ms=50)
    run_id = start_generation(principal, LONG)
    events: list[StreamEvent] = []
    for event in streams.read(run_id):
        events.append(event)
        if len(events) == 3:
            worker.kill()
    assert events[-1].event == "failed"
    assert events[-1].data["error"] == {"code": "worker_lost", "retryable": True}
    assert [event.terminal for event in events].count(True) == 1
    row = run_row(principal, run_id)
    assert (row.state, row.error_code, row.shown) == ("failed", "worker_lost", True)


def test_a_run_that_a_killed_worker_had_not_begun_is_taken_up_by_the_next(
    start_worker: StartWorker, principal: Principal
) -> None:
    worker = start_worker(token_ms=40)
    busy = [start_generation(principal, LONG) for _ in range(8)]
    for run_id in busy:
        next(streams.read(run_id))
    waiting = start_generation(principal, "four words of text")
    time.sleep(0.5)
    worker.kill()
    start_worker(ready=False)
    text = "".join(event.data["text"] for event in streams.read(waiting) if event.event == "token")
    assert text == "four words of text"
    assert run_row(principal, waiting).state == "done"


def test_a_caller_whose_worker_died_before_the_first_token_still_gets_its_text(
    start_worker: StartWorker, principal: Principal
) -> None:
    worker = start_worker(token_ms=3000)
    answers: list[str] = []
    caller = threading.Thread(target=lambda: answers.append(services.chat(principal, asked("one two")).text))
    caller.start()
    time.sleep(1.5)
    worker.kill()
    start_worker(ready=False)
    caller.join(timeout=180)
    assert answers == ["one two"]


def test_a_valkey_restart_in_a_stream_ends_in_the_whole_text_once(
    start_worker: StartWorker, principal: Principal, restart_valkey: Callable[[float], None]
) -> None:
    start_worker(token_ms=20)
    run_id = start_generation(principal, LONG)
    events: list[StreamEvent] = []
    reader = threading.Thread(target=lambda: events.extend(streams.read(run_id)))
    reader.start()
    time.sleep(0.6)
    restart_valkey(2.0)
    reader.join(timeout=180)
    assert events[-1].event == "done", events[-1]
    assert "".join(event.data["text"] for event in events[:-1]) == LONG


def test_a_worker_takes_new_runs_after_a_valkey_restart(
    echo_worker: Worker, principal: Principal, restart_valkey: Callable[[float], None]
) -> None:
    assert services.chat(principal, asked("before")).text == "before"
    restart_valkey(1.0)
    assert services.chat(principal, asked("after")).text == "after"


def test_a_run_delivered_twice_is_shown_once(echo_worker: Worker, principal: Principal) -> None:
    run_id = start_generation(principal, "shown only once")
    publishing.publish(run_row(principal, run_id))
    events = list(streams.read(run_id))
    publishing.publish(run_row(principal, run_id))
    time.sleep(0.5)
    assert list(streams.read(run_id)) == events
    assert "".join(event.data.get("text", "") for event in events) == "shown only once"
    assert run_row(principal, run_id).attempts == 1


def test_a_run_delivered_to_two_workers_is_shown_once(start_worker: StartWorker, principal: Principal) -> None:
    start_worker(token_ms=10)
    start_worker(token_ms=10)
    run_id = start_generation(principal, LONG)
    row = run_row(principal, run_id)
    for _ in range(5):
        publishing.publish(row)
    events = list(streams.read(run_id))
    assert "".join(event.data.get("text", "") for event in events) == LONG
    assert run_row(principal, run_id).attempts == 1


def test_a_run_whose_message_was_lost_is_published_again(
    echo_worker: Worker, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("llmasos.inference.publishing.announce", lambda run: None)
        run_id = start_generation(principal, "said in the end")
    events = list(streams.read(run_id))
    assert events[-1].event == "done"
    assert run_row(principal, run_id).deliveries == 2


def test_a_run_whose_input_was_lost_fails_and_may_be_retried(
    committed_database: str, valkey: object, principal: Principal
) -> None:
    run_id = start_generation(principal, "never seen")
    valkey.flushdb()  # type: ignore[attr-defined]
    _let_the_lease_lapse(principal, run_id)
    assert expire_runs() == 1
    (event,) = streams.read(run_id)
    assert (event.event, event.data["error"]) == ("failed", {"code": "input_lost", "retryable": True})


def test_a_run_that_waited_through_a_slow_start_is_not_lost_when_it_is_taken(
    committed_database: str, valkey: object, principal: Principal
) -> None:
    run_id = start_generation(principal, "patience")
    for _delivery in range(lifecycle.MAX_DELIVERIES + 2):
        _let_the_lease_lapse(principal, run_id)
        expire_runs()
    assert run_row(principal, run_id).deliveries == lifecycle.MAX_DELIVERIES
    _let_the_lease_lapse(principal, run_id)
    transit.take_input(run_id)
    assert expire_runs() == 0
    assert run_row(principal, run_id).state == "queued"


def test_runs_of_every_organisation_expire(
    committed_database: str, valkey: object, principal: Principal, other_organisation: object
) -> None:
    from llmasos.accounts.principals import system_principal

    elsewhere = system_principal(other_organisation.pk)  # type: ignore[attr-defined]
    runs = [(who, start_generation(who, "text")) for who in (principal, elsewhere)]
    valkey.flushdb()  # type: ignore[attr-defined]
    for who, run_id in runs:
        _let_the_lease_lapse(who, run_id)
    assert expire_runs() == 2
    assert [run_row(who, run_id).state for who, run_id in runs] == ["failed", "failed"]


def _let_the_lease_lapse(principal: Principal, run_id: object) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from llmasos.accounts.tenancy import acting_in
    from llmasos.inference.models import Run

    with acting_in(principal.organisation_id):
        Run.objects.filter(pk=run_id).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_texts_wait_for_a_worker_that_starts_later(start_worker: StartWorker, principal: Principal) -> None:
    shapes: list[tuple[int, ...]] = []
    caller = threading.Thread(target=lambda: shapes.append(services.embed(principal, ["one", "two"]).vectors.shape))
    caller.start()
    start_worker()
    caller.join(timeout=180)
    assert shapes == [(2, 384)]


def test_texts_whose_worker_was_killed_are_embedded_by_the_next(
    start_worker: StartWorker, principal: Principal
) -> None:
    worker = start_worker(token_ms=3000)
    shapes: list[tuple[int, ...]] = []
    caller = threading.Thread(target=lambda: shapes.append(services.embed(principal, ["one"]).vectors.shape))
    caller.start()
    time.sleep(1.0)
    worker.kill()
    start_worker(ready=False)
    caller.join(timeout=180)
    assert shapes == [(1, 384)]


def test_texts_that_take_longer_than_a_lease_are_embedded(start_worker: StartWorker, principal: Principal) -> None:
    start_worker(token_ms=6500)
    result = services.embed(principal, ["one two"])
    row = run_row(principal, result.run_id)
    assert (row.state, row.attempts) == ("done", 1)
    assert row.heartbeat_at is not None
