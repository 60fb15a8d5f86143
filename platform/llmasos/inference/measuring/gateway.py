"""`bench api`: what the way through the API costs, with a model that takes no time of its own but a pause a token.

A web process and an echo worker of its own, over the running platform's database and Valkey.
"""

from __future__ import annotations

import asyncio
import math
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import httpx
from django.core.management.base import CommandError
from django.db import connection

from llmasos.accounts.principals import Principal
from llmasos.inference.measuring.programs import Answered, ask, keys_of, program, two_organisations
from llmasos.runtime import locations

CONCURRENT = 100
STREAMS = 200
TOKENS = 20
TOKEN_MS = 100.0
SECONDS = 20.0
START_SECONDS = 90.0
DEVICE = "bench"


def bench_api(
    principal: Principal, *, concurrent: int = CONCURRENT, streams: int = STREAMS, seconds: float = SECONDS
) -> dict[str, Any]:
    """What is added to a stream's first and last token, 95th in 100, and the database connections of many open ones."""
    before = _connections()
    with keys_of(two_organisations(principal)) as keys, _platform(slots=max(concurrent, streams)) as address:
        idle = _connections() - before
        answers = asyncio.run(_load(address, keys, concurrent, seconds))
        opened, most = asyncio.run(_open(address, keys, streams))
    first = [answer.first_seconds * 1000 - TOKEN_MS for answer in answers]
    whole = [answer.seconds * 1000 - answer.timings["decode_ms"] for answer in answers]
    return {
        "benchmark": "api",
        "concurrent": concurrent,
        "streams_measured": len(answers),
        "token_ms": TOKEN_MS,
        "max_tokens": TOKENS,
        "first_token_added_ms": _spread(first),
        "whole_added_ms": _spread(whole),
        "open_streams": opened,
        "database_connections": {"idle": idle, "with_open_streams": most - before},
    }


async def _load(address: str, keys: Sequence[str], concurrent: int, seconds: float) -> list[Answered]:
    """Keep so many streams open, begun evenly over the length of one; all that ended after the first of each."""
    found: list[Answered] = []

    async def reader(client: httpx.AsyncClient, number: int, ends: float) -> None:
        await asyncio.sleep(number / concurrent * TOKENS * TOKEN_MS / 1000)
        await ask(client, _words(number), tokens=TOKENS)
        while time.monotonic() < ends:
            found.append(await ask(client, _words(number), tokens=TOKENS))

    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(program(address, key, connections=concurrent)) for key in keys]
        ends = time.monotonic() + seconds
        await asyncio.gather(*(reader(clients[number % len(keys)], number, ends) for number in range(concurrent)))
    return found


async def _open(address: str, keys: Sequence[str], streams: int) -> tuple[int, int]:
    """Open so many streams at once; how many were answered, and the most database connections seen meanwhile."""
    most = 0
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(program(address, key, connections=streams)) for key in keys]
        readers = [
            asyncio.create_task(ask(clients[number % len(keys)], _words(number), tokens=5 * TOKENS))
            for number in range(streams)
        ]
        while not all(reader.done() for reader in readers):
            most = max(most, await asyncio.to_thread(_connections))
            await asyncio.sleep(0.25)
        answered = [reader.result() for reader in readers]
    return sum(one.tokens > 0 for one in answered), most


def _words(number: int) -> str:
    return " ".join(f"word{number}-{count}" for count in range(5 * TOKENS))


def _connections() -> int:
    """How many connections the database has of anybody but this process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        count = int(cursor.fetchone()[0])
    connection.close()
    return count


def _spread(milliseconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[math.ceil(0.95 * len(ordered)) - 1], 1),
        "longest": round(ordered[-1], 1),
    }


@contextmanager
def _platform(*, slots: int) -> Iterator[str]:
    """A web process and an echo worker that read a queue of their own; the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "LLMASOS_GENERATE_DEVICE": DEVICE,
        "LLMASOS_EMBED_DEVICE": DEVICE,
        "LLMASOS_GENERATE_QUEUE": str(4 * slots),
        "LLMASOS_ECHO_TOKEN_MS": str(TOKEN_MS),
        "LLMASOS_ECHO_SLOTS": str(slots),
    }
    web = ("uvicorn", "llmasos.asgi:application", "--host", "127.0.0.1", "--port", str(port), "--no-access-log")
    worker = ("celery", "--app", "llmasos", "--quiet", "worker", "--pool", "threads", "--concurrency", "4")
    queue = f"models.generate.{DEVICE}"
    with (
        _process(web, environment),
        _process(
            (*worker, "--queues", queue, "--hostname", "bench@%h", "--without-gossip", "--without-mingle"),
            {**environment, "LLMASOS_ENGINE": "echo"},
        ),
    ):
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield address


@contextmanager
def _process(arguments: Sequence[str], environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(  # noqa: S603 - our own processes
        [sys.executable, "-m", *arguments],
        env=environment,
        cwd=locations.repository_root(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(address: str) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        try:
            if httpx.get(f"{address}/manifest.webmanifest", timeout=5, trust_env=False).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise CommandError("The benchmark's web process did not start.")
