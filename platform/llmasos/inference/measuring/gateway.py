"""`bench api`: what the way through the API costs, with a model that takes no time of its own but a pause a token.

A web process and an echo worker of its own, over the running platform's database and Valkey.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
from django.core.management.base import CommandError
from django.db import connection

from llmasos.accounts.principals import Principal
from llmasos.inference.measuring.programs import Answered, Program, keys_of, two_organisations
from llmasos.runtime import locations

CONCURRENT = 100
STREAMS = 200
TOKENS, LONG_TOKENS = 20, 100
TOKEN_MS = 100.0
SECONDS = 20.0
ROUND = 1.05
"""How much longer a round is than its answers: what is added to them has its place in it."""
START_SECONDS = 180.0
# The last free slot is kept for an organisation that has none.
SPARE_SLOTS = 8
DEVICE = "bench"


def bench_api(
    principal: Principal, *, concurrent: int = CONCURRENT, streams: int = STREAMS, seconds: float = SECONDS
) -> dict[str, Any]:
    """What is added to a stream's first and last token, 95th in 100, and the database connections of many open ones.

    Twice: with short answers, many of which begin each second, and with as many open streams of longer ones.
    """
    before = _connections()
    with keys_of(two_organisations(principal)) as keys:
        with _platform(slots=concurrent + SPARE_SLOTS, key=keys[0]) as platform:
            short = _added(platform, keys, concurrent, seconds, tokens=TOKENS)
            long = _added(platform, keys, concurrent, seconds, tokens=LONG_TOKENS)
        with _platform(slots=streams + SPARE_SLOTS, key=keys[0]) as platform:
            idle = _connections() - before
            opened, most = asyncio.run(_open(platform.address, keys, streams))
    return {
        "benchmark": "api",
        "concurrent": concurrent,
        "token_ms": TOKEN_MS,
        **short,
        "longer_answers": long,
        "open_streams": opened,
        "database_connections": {"idle": idle, "with_open_streams": most - before},
    }


def _added(platform: _Platform, keys: Sequence[str], concurrent: int, seconds: float, *, tokens: int) -> dict[str, Any]:
    spent = platform.processor_seconds()
    answers = asyncio.run(_load(platform.address, keys, concurrent, seconds, tokens))
    # Each reader's first answer is not among those that are measured.
    asked = len(answers) + _readers(concurrent)
    first = [answer.first_seconds * 1000 - TOKEN_MS for answer in answers]
    whole = [answer.seconds * 1000 - answer.timings["decode_ms"] for answer in answers]
    return {
        "max_tokens": tokens,
        "streams_measured": len(answers),
        "first_token_added_ms": _spread(first),
        "whole_added_ms": _spread(whole),
        "processor_ms_a_stream": {
            name: round((now - spent[name]) * 1000 / asked, 2) for name, now in platform.processor_seconds().items()
        },
    }


async def _load(address: str, keys: Sequence[str], concurrent: int, seconds: float, tokens: int) -> list[Answered]:
    """Keep so many streams open, begun evenly over a round; all answers after the first of each reader.

    A reader begins at its own moment of each round, as soon as it can. Began each anew when its last answer ended, a
    single pause of the machine would gather their beginnings into one moment, in which each waits for all others.
    """
    found: list[Answered] = []
    readers, length = _readers(concurrent), tokens * TOKEN_MS / 1000 * ROUND
    began = time.monotonic()

    async def reader(client: Program, number: int) -> None:
        for begins in itertools.count(began + number / readers * length, length):
            await asyncio.sleep(begins - time.monotonic())
            if begins > began + length + seconds:
                return
            answer = await client.ask(_words(number), tokens=tokens)
            if begins > began + length:
                found.append(answer)

    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Program(address, key)) for key in keys]
        await asyncio.gather(*(reader(clients[number % len(keys)], number) for number in range(readers)))
    return found


def _readers(concurrent: int) -> int:
    """How many keep so many streams open, where each pauses until its next round."""
    return math.ceil(concurrent * ROUND)


async def _open(address: str, keys: Sequence[str], streams: int) -> tuple[int, int]:
    """Open so many streams at once; how many were answered, and the most database connections seen meanwhile."""
    most = 0
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Program(address, key)) for key in keys]
        readers = [
            asyncio.create_task(clients[number % len(keys)].ask(_words(number), tokens=LONG_TOKENS))
            for number in range(streams)
        ]
        while not all(reader.done() for reader in readers):
            most = max(most, await asyncio.to_thread(_connections))
            await asyncio.sleep(0.25)
        answered = [reader.result() for reader in readers]
    return sum(one.tokens > 0 for one in answered), most


def _words(number: int) -> str:
    return " ".join(f"word{number}-{count}" for count in range(LONG_TOKENS))


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


@dataclass(frozen=True, slots=True)
class _Platform:
    """The address of what is measured, and its processes by their names."""

    address: str
    processes: Mapping[str, psutil.Process]

    def processor_seconds(self) -> dict[str, float]:
        """What they and their client, this process, have spent."""
        named = {**self.processes, "client": psutil.Process()}
        return {name: sum(process.cpu_times()[:2]) for name, process in named.items()}


@contextmanager
def _platform(*, slots: int, key: str) -> Iterator[_Platform]:
    """A web process and an echo worker that read a queue of their own, once they answer."""
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
    alone = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
    queue = f"models.generate.{DEVICE}"
    with (
        _process(web, environment) as of_web,
        _process(
            (*worker, "--queues", queue, "--hostname", "bench@%h", *alone),
            {**environment, "LLMASOS_ENGINE": "echo"},
        ) as of_worker,
    ):
        address = f"http://127.0.0.1:{port}"
        asyncio.run(_until_answered(address, key))
        yield _Platform(address, {"web": psutil.Process(of_web), "worker": psutil.Process(of_worker)})


@contextmanager
def _process(arguments: Sequence[str], environment: dict[str, str]) -> Iterator[int]:
    with subprocess.Popen(  # noqa: S603 - our own processes
        [sys.executable, "-m", *arguments],
        env=environment,
        cwd=locations.repository_root(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


async def _until_answered(address: str, key: str) -> None:
    """Wait until both processes have started: one alone takes requests that nobody answers."""
    give_up = time.monotonic() + START_SECONDS
    async with Program(address, key) as client:
        while True:
            try:
                await client.ask(_words(0), tokens=1)
            except (OSError, CommandError) as error:
                if time.monotonic() > give_up:
                    raise CommandError("The benchmark's own processes did not start.") from error
                await asyncio.sleep(0.5)
            else:
                return
