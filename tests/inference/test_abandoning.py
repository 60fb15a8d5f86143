"""Runs that have not begun, and callers that would rather hear of a lost worker than wait for the next one."""

from __future__ import annotations

import json
import time

import redis

from llmasos.accounts.principals import Principal
from llmasos.inference import lifecycle, streams
from llmasos.inference.lifecycle import Claim
from llmasos.inference.queries import ENGINES_KEY, Serving
from tests.inference.requests import run_row, start_generation


def report(valkey: redis.Redis, worker: str, *, started_at: float, ago: float = 0.0) -> None:
    state = {"engine": "generate", "device": "cpu", "worker": worker, "started_at": started_at, "models": []}
    member = f"generate:cpu:{worker}"
    valkey.zadd(ENGINES_KEY, {member: time.time() - ago})
    valkey.set(f"{ENGINES_KEY}:{member}", json.dumps(state | {"running": 0, "queued": 0, "waiting_texts": 0}))


def test_a_worker_that_reports_is_waited_for(valkey: redis.Redis) -> None:
    report(valkey, "one", started_at=1.0)
    serving = Serving("generate")
    assert not serving.gone()


def test_a_worker_that_fell_silent_is_gone(valkey: redis.Redis) -> None:
    report(valkey, "one", started_at=1.0)
    serving = Serving("generate")
    report(valkey, "one", started_at=1.0, ago=10.0)
    assert serving.gone()


def test_a_worker_that_was_started_again_does_not_count_as_the_one_before(valkey: redis.Redis) -> None:
    report(valkey, "one", started_at=1.0)
    serving = Serving("generate")
    report(valkey, "one", started_at=2.0)
    assert serving.gone()


def test_one_of_two_workers_is_enough(valkey: redis.Redis) -> None:
    report(valkey, "one", started_at=1.0)
    report(valkey, "two", started_at=1.0)
    serving = Serving("generate")
    report(valkey, "one", started_at=1.0, ago=10.0)
    assert not serving.gone()


def test_where_no_worker_was_a_new_one_has_some_seconds(valkey: redis.Redis) -> None:
    serving = Serving("generate")
    assert [serving.gone() for _ in range(4)] == [False, False, True, True]


def test_an_abandoned_run_ends_once_as_lost_and_no_worker_takes_it(principal: Principal, valkey: redis.Redis) -> None:
    run_id = start_generation(principal, "nobody is there")
    final = list(streams.read(run_id, abandoned=lambda: True))[-1]
    assert final.data["error"] == {"code": "worker_lost", "retryable": True}
    assert run_row(principal, run_id).state == "failed"
    claim: Claim | None = lifecycle.claim(run_id=run_id, organisation_id=principal.organisation_id, token=run_id)
    assert claim is None
