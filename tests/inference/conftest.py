from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal, system_principal
from llmasos.inference import queries, worker
from llmasos.inference.engine.host import EngineHost
from llmasos.inference.engine.queue import Admission
from llmasos.inference.models import Run
from tests.databases import process_environment
from tests.services import VAR, EmbeddedValkey


@dataclass
class Worker:
    """A real models worker with the echo engine, in a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """As a power cut would: nothing is said goodbye to."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()


StartWorker = Callable[..., Worker]


@pytest.fixture
def start_worker(committed_database: str, valkey: object) -> Iterator[StartWorker]:
    """Starts models workers over the test's own database; each is ready when the call returns."""
    workers: list[Worker] = []

    def start(*, token_ms: float = 0.0, ready: bool = True) -> Worker:
        log = VAR / f"worker-{len(workers)}-{os.getpid()}.log"
        environment = process_environment(committed_database) | {
            "LLMASOS_ENGINE": "echo",
            "LLMASOS_ECHO_TOKEN_MS": str(token_ms),
        }
        command = [sys.executable, "-m", "celery", "-A", "llmasos", "worker", "-P", "threads", "-c", "2"]
        command += ["-Q", "models.embed.cpu,models.generate.cpu", "-n", f"echo{len(workers)}@%h", "-l", "WARNING"]
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
        started = Worker(process, log)
        workers.append(started)
        if ready:
            _wait_until_ready(started)
        return started

    yield start
    for started in workers:
        started.stop()


@pytest.fixture
def echo_worker(start_worker: StartWorker) -> Worker:
    return start_worker()


@pytest.fixture
def principal(organisation: Organisation) -> Principal:
    return system_principal(organisation.pk)


@pytest.fixture
def restart_valkey(valkey_server: EmbeddedValkey) -> Iterator[Callable[[float], None]]:
    """Kills Valkey, leaves it away for some seconds and starts it again on the same data."""

    def restart(seconds: float) -> None:
        assert valkey_server.process is not None
        valkey_server.process.send_signal(signal.SIGKILL)
        valkey_server.process.wait(timeout=10)
        time.sleep(seconds)
        valkey_server.start()

    yield restart
    if valkey_server.process is None or valkey_server.process.poll() is not None:
        valkey_server.start()


def _wait_until_ready(started: Worker) -> None:
    give_up = time.monotonic() + 240
    while time.monotonic() < give_up:
        if any(state.worker.endswith(f":{started.process.pid}") for state in queries.engines()):
            return
        if started.process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the worker did not start:\n{started.log.read_text()[-4000:]}")


@pytest.fixture
def engine_here(
    committed_database: str, valkey: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., EngineHost]]:
    """Starts the echo engine in this process; published runs go to it without a broker between."""

    def start(*, token_ms: float = 0.0) -> EngineHost:
        monkeypatch.setenv("LLMASOS_ECHO_TOKEN_MS", str(token_ms))
        host = worker.start_engine("echo")

        def publish(run: Run) -> None:
            host.admit(
                Admission(
                    run_id=run.pk,
                    organisation_id=run.organisation_id,
                    kind=run.kind,
                    priority=run.priority,
                    size=run.size,
                    created=run.created_at.timestamp(),
                    deadline=run.deadline.timestamp(),
                )
            )

        monkeypatch.setattr("llmasos.inference.publishing.announce", publish)
        monkeypatch.setattr("llmasos.inference.expiry.publish", publish)
        return host

    yield start
    worker.stop_engine()
