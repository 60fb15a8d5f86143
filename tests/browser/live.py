"""A whole platform for browser journeys: a real web server and workers over a database that commits."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from tests import databases, services

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

START_SECONDS = 240.0
STOP_SECONDS = 10.0

MODEL_QUEUES = "models.embed.cpu,models.generate.cpu"
WORKER = ("celery", "--app", "llmasos", "--quiet", "worker", "--pool", "threads", "--concurrency", "4")
BEAT = ("celery", "--app", "llmasos", "--quiet", "beat")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class LivePlatform:
    """The running processes, and a way into their database."""

    url: str
    database_name: str
    environment: Mapping[str, str]
    blocker: DjangoDbBlocker
    logs: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @contextmanager
    def database(self) -> Iterator[None]:
        """Let this process read and write the live database.

        Playwright's synchronous interface keeps an event loop in this thread, which Django takes for
        asynchronous code: its guard is lifted here, where no coroutine runs.
        """
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        try:
            with self.blocker.unblock(), databases.connected_to(self.database_name):
                yield
        finally:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        """Start one process; what it prints goes to a file of that name."""
        log: IO[bytes] = (self.logs / f"{name}.log").open("wb")
        with log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                env={**self.environment, **environment},
                cwd=services.ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def start_web(self) -> None:
        """Start the web server at the platform's address."""
        port = str(urlsplit(self.url).port)
        self.start(
            "web", "uvicorn", "llmasos.asgi:application", "--host", "localhost", "--port", port, "--no-access-log"
        )

    def stop(self, *names: str) -> None:
        """Stop the named processes, or all."""
        chosen = [self.processes.pop(name) for name in names or tuple(self.processes)]
        for process in chosen:
            process.terminate()
        for process in chosen:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_SECONDS)

    def wait_until_served(self) -> None:
        """Return once a page is served; say what the server printed if it never is."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/manifest.webmanifest", timeout=5):
                    return
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                if self.processes["web"].poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"the web server did not start:\n{(self.logs / 'web.log').read_text()[-4000:]}")


@contextmanager
def running_platform(blocker: DjangoDbBlocker, folder: Path, *, token_ms: float = 0) -> Iterator[LivePlatform]:
    """Start the processes over a copy of the template database; stop them and drop it afterwards.

    ``token_ms`` is how long the models worker takes over a token.
    """
    name = f"llmasos_live_{os.getpid()}"
    port = free_port()
    databases.make_database(name)
    platform = LivePlatform(
        url=f"http://localhost:{port}",
        database_name=name,
        environment={
            **databases.process_environment(name),
            "DJANGO_SETTINGS_MODULE": "tests.browser.live_settings",
            "LLMASOS_LOG_LEVEL": "WARNING",
        },
        blocker=blocker,
        logs=folder,
    )
    try:
        subprocess.run(
            [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity=0"],
            env=platform.environment,
            cwd=services.ROOT,
            check=True,
        )
        platform.start_web()
        platform.start(
            "models",
            *(*WORKER, "--queues", MODEL_QUEUES, "--hostname", "models@%h"),
            LLMASOS_ENGINE="echo",
            LLMASOS_ECHO_TOKEN_MS=str(token_ms),
        )
        platform.start("jobs", *WORKER, "--queues", "control,jobs", "--hostname", "jobs@%h")
        platform.start("beat", *BEAT, "--schedule", str(folder / "schedule"), "--pidfile", "")
        platform.wait_until_served()
        yield platform
    finally:
        platform.stop()
        databases.drop_database(name)
