"""`bench fairness`: two organisations, one of which floods the model with ten times as many requests.

The peer is the same load from one organisation, which is served first come, first served.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import psutil
from django.core.management.base import CommandError

from llmasos.accounts.principals import Principal
from llmasos.inference.measuring import inputs
from llmasos.inference.measuring.figures import alternated
from llmasos.inference.measuring.programs import Answered, Program, keys_of, running_address, two_organisations
from llmasos.inference.queries import engines

LIGHT, FLOOD = 6, 60
"""How many requests each organisation has under way all the time."""
TOKENS = 24
SETTLE_SECONDS = 3.0
SECONDS = 8.0
ROUNDS = 4
QUESTIONS = 6
QUESTION_ROUNDS = 5
QUESTION_TOKENS = 8


@dataclass(slots=True)
class _Served:
    """Tokens that one organisation got until now."""

    tokens: int = 0

    def take(self, more: int) -> None:
        """Count tokens as they come: answers that are cut off by the clock would else count as nothing."""
        self.tokens += more


@dataclass(frozen=True, slots=True)
class _Got:
    """Tokens that each organisation got in so many seconds, and what the text workers spent of the processor."""

    tokens: Sequence[int]
    seconds: float
    processor: float

    @property
    def rate(self) -> float:
        return sum(self.tokens) / self.seconds

    @property
    def efficiency(self) -> float:
        """Tokens a processor second; nan where the workers are on other machines."""
        return sum(self.tokens) / self.processor if self.processor else math.nan


def bench_fairness(
    principal: Principal, *, seconds: float = SECONDS, rounds: int = ROUNDS, questions: int = QUESTIONS
) -> dict[str, Any]:
    """Jain's index of what both get while both want more, throughput beside first come first served, and how much later
    a single reader of the light organisation sees the first token."""
    address = running_address()
    indices: list[float] = []
    efficiencies: tuple[list[float], list[float]] = ([], [])
    with keys_of(two_organisations(principal)) as (light, flood):

        def measured(number: int, owner: str, side: int) -> _Got:
            got = asyncio.run(_both(address, [(owner, LIGHT), (flood, FLOOD)], seconds))
            if number:
                efficiencies[side].append(got.efficiency)
            return got

        def ours(number: int) -> float:
            got = measured(number, light, 0)
            if number:
                indices.append(jain(got.tokens))
            return got.rate

        throughput = alternated(ours, lambda number: measured(number, flood, 1).rate, rounds=rounds)
        answers = _asked_in_turn(address, light, flood, questions)
    alone, beside = ([answer.first_seconds * 1000 for answer in side] for side in answers)
    late = [
        statistics.median(theirs) / statistics.median(own)
        for own, theirs in zip(_rounds(alone), _rounds(beside), strict=True)
    ]
    return {
        "benchmark": "fairness",
        "peer": "first come, first served (one organisation)",
        "requests_under_way": {"light": LIGHT, "flood": FLOOD},
        "max_tokens": TOKENS,
        "seconds": seconds,
        "jain": round(statistics.median(indices), 3),
        "jain_rounds": [round(one, 3) for one in indices],
        "unit": "tokens/s",
        "throughput": throughput.as_dict(),
        "tokens_a_processor_second": [round(statistics.median(side), 1) for side in efficiencies],
        "first_token": {
            "alone_ms": round(statistics.median(alone), 1),
            "beside_flood_ms": round(statistics.median(beside), 1),
            "times_as_late": round(statistics.median(late), 2),
            "times_as_late_rounds": [round(one, 2) for one in late],
            "of_it_beside_flood_ms": {
                name: round(statistics.median(answer.timings[name] for answer in answers[1]), 1)
                for name in ("queue_ms", "prefill_ms")
            },
            "questions": len(beside),
        },
    }


def _rounds(values: Sequence[float]) -> list[Sequence[float]]:
    length = len(values) // QUESTION_ROUNDS
    return [values[start : start + length] for start in range(0, len(values), length)]


def jain(shares: Sequence[float]) -> float:
    """Jain's fairness index: 1 where all shares are equal, 1/n where one has everything."""
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 1.0


async def _both(address: str, loads: Sequence[tuple[str, int]], seconds: float) -> _Got:
    """Keep so many requests of each key under way; what each got in the time after all of them had begun.

    Raises CommandError where no token came: there is nothing to compare.
    """
    served = [_Served() for _ in loads]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Program(address, key)) for key, width in loads]
        readers = [
            asyncio.create_task(_keep_asking(client, _prompts(number), one))
            for client, (_, width), one in zip(clients, loads, served, strict=True)
            for number in range(width)
        ]
        try:
            await _run_for(SETTLE_SECONDS, readers)
            before = [one.tokens for one in served]
            started, processor = time.perf_counter(), _processor_seconds()
            await _run_for(seconds, readers)
            got = _Got(
                [one.tokens - had for one, had in zip(served, before, strict=True)],
                time.perf_counter() - started,
                _processor_seconds() - processor,
            )
        finally:
            await _stop(readers)
    if not sum(got.tokens):
        raise CommandError(f"No token came within {seconds:.0f} seconds: the machine is too busy to measure this.")
    return got


def _processor_seconds() -> float:
    """What the text workers of this machine have spent."""
    workers = [state.worker.rpartition(":") for state in engines() if state.engine == "generate"]
    mine = [int(pid) for host, _, pid in workers if host == socket.gethostname()]
    return float(sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in mine))


async def _run_for(seconds: float, readers: Sequence[asyncio.Task[None]]) -> None:
    done, _ = await asyncio.wait(readers, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for reader in done:
        reader.result()


async def _stop(readers: Sequence[asyncio.Task[None]]) -> None:
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    # Requests whose readers left are cancelled by the web process.
    await asyncio.sleep(1.0)


async def _keep_asking(client: Program, prompts: Iterator[str], served: _Served) -> None:
    while True:
        await client.ask(next(prompts), tokens=TOKENS, hear=served.take)


def _asked_in_turn(address: str, light: str, flood: str, questions: int) -> tuple[list[Answered], list[Answered]]:
    """Answers to one reader alone and beside a flood, in turn: the same words, in another order, so none is cached."""
    alone: list[Answered] = []
    beside: list[Answered] = []
    for number in range(QUESTION_ROUNDS):
        prompts = inputs.prompts(questions + 1, seed=31 + number)
        turned = [" ".join(reversed(prompt.split())) for prompt in prompts]
        for side in (0, 1) if number % 2 else (1, 0):
            if side:
                beside += asyncio.run(_answers(address, light, turned, flood=flood))
            else:
                alone += asyncio.run(_answers(address, light, prompts))
    return alone, beside


async def _answers(address: str, key: str, prompts: Sequence[str], *, flood: str = "") -> list[Answered]:
    """What one reader that asks again and again is answered, but for the first time; alone or beside a flood."""
    async with AsyncExitStack() as stack:
        readers: list[asyncio.Task[None]] = []
        if flood:
            client = await stack.enter_async_context(Program(address, flood))
            readers = [
                asyncio.create_task(_keep_asking(client, _prompts(number), _Served())) for number in range(FLOOD)
            ]
            await _run_for(SETTLE_SECONDS, readers)
        own = await stack.enter_async_context(Program(address, key))
        try:
            answers = [await own.ask(prompt, tokens=QUESTION_TOKENS) for prompt in prompts]
        finally:
            await _stop(readers)
    return answers[1:]


def _prompts(seed: int) -> Iterator[str]:
    """Prompts without end, others for each reader and each start."""
    return itertools.chain.from_iterable(
        inputs.prompts(50, seed=1000 * seed + time.monotonic_ns() % 997) for _ in itertools.count()
    )
