from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.test import Client

from llmasos.runtime import children, health, locations
from llmasos.runtime.components import QUEUES, python_environment
from tests import services

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch, valkey: redis.Redis) -> None:
    monkeypatch.setattr(health, "_latest", None)
    # Where no worker runs, none is waited for.
    monkeypatch.setattr(health, "_CANARY_SECONDS", 0.1)
    monkeypatch.setattr(health, "_INSPECT_SECONDS", 0.1)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One real worker that reads every queue."""
    arguments = [sys.executable, "-m", "celery", "--app", "llmasos", "--quiet", "worker", "--pool", "threads"]
    arguments += ["--concurrency", "2", "--queues", ",".join(QUEUES), "--hostname", "all@%h"]
    arguments += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    process = children.spawn(
        children.ChildCommand(
            arguments=arguments,
            folder=locations.repository_root(),
            environment=python_environment(),
            log=tmp_path / "worker.log",
        )
    )
    yield process
    children.stop(process)


def test_live_asks_nobody(client: Client) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def wait_until_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask until the worker has started; the limit only ends a test that would hang."""
    monkeypatch.setattr(health, "_CANARY_SECONDS", 5.0)
    monkeypatch.setattr(health, "_INSPECT_SECONDS", 5.0)
    deadline = time.monotonic() + 180
    while client.get("/health/ready").status_code != 200:
        assert time.monotonic() < deadline, "the worker never answered"


def test_ready_sends_a_task_through_every_queue(
    client: Client, worker: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody is asked whether they live: the tasks alone count.
    monkeypatch.setattr(health, "LONG_QUEUES", frozenset())
    wait_until_ready(client, monkeypatch)
    assert health.measure().queues == dict.fromkeys(QUEUES, True)


def test_without_workers_it_is_not_ready(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    content = answer.json()
    assert content["status"] == "waiting"
    assert content["database"] is True
    assert content["valkey"] is True
    assert content["queues"] == dict.fromkeys(QUEUES, False)


def test_health_says_nothing_about_the_machine(client: Client) -> None:
    text = json.dumps(client.get("/health/ready").json())
    assert str(services.VAR) not in text
    assert locations.secret("valkey", var=services.VAR) not in text


def test_metrics_need_their_token(client: Client) -> None:
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_metrics_show_services_and_queues(client: Client) -> None:
    token = locations.secret("metrics", var=services.VAR)
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'llmasos_up{service="database"} 1.0' in text
    assert 'llmasos_queue_tasks{queue="jobs"}' in text
    assert "llmasos_disk_free_bytes" in text


def test_a_worker_whose_threads_are_all_busy_still_counts(
    client: Client, worker: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_until_ready(client, monkeypatch)
    # No canary can come back in no time, as when every thread works on something long.
    monkeypatch.setattr(health, "_latest", None)
    monkeypatch.setattr(health, "_CANARY_SECONDS", 0.0)
    monkeypatch.setattr(health, "_INSPECT_SECONDS", 10.0)
    queues = client.get("/health/ready").json()["queues"]
    assert queues == {**dict.fromkeys(QUEUES, False), "jobs": True}
