"""A real worker, a real broker: what is asked and what goes wrong leaves no words in the worker's log."""

from __future__ import annotations

import time

import redis

from llmasos.accounts.principals import Principal
from llmasos.celery import app
from llmasos.inference import services
from tests.canaries import in_text, in_valkey, make_canary
from tests.inference.conftest import Worker, echo_worker, principal, start_worker  # noqa: F401 - fixtures
from tests.inference.requests import asked


def test_a_worker_logs_neither_prompts_nor_arguments_nor_the_words_of_failures(
    echo_worker: Worker,  # noqa: F811
    principal: Principal,  # noqa: F811
    valkey: redis.Redis,
) -> None:
    canary = make_canary()
    answer = services.chat(principal, asked(f"I am {canary}"))
    assert canary in answer.text
    assert in_valkey([canary], client=valkey) == []
    app.send_task("inference.admit", args=[canary, canary], kwargs={"kind": canary}, queue="models.generate.cpu")
    app.send_task("no.such.task", args=[canary], queue="models.generate.cpu")
    give_up = time.monotonic() + 180
    while "TypeError" not in echo_worker.log.read_text() and time.monotonic() < give_up:
        time.sleep(0.1)
    log = echo_worker.log.read_text()
    assert "inference.admit" in log
    assert "TypeError" in log
    while "could not be taken" not in echo_worker.log.read_text() and time.monotonic() < give_up:
        time.sleep(0.1)
    assert in_text([canary], echo_worker.log.read_text(), name="worker's log") == []
