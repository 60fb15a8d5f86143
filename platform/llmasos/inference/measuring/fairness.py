"""`bench fairness`: two organisations, one of which floods the model with ten times as many requests.

The peer is the same load from one organisation, which is served first come, first served.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandError

from llmasos.accounts.principals import Principal
from llmasos.inference.measuring import inputs
from llmasos.inference.measuring.figures import alternated
from llmasos.inference.measuring.programs import Program, keys_of, running_address, two_organisations

LIGHT, FLOOD = 6, 60
"""How many requests each organisation has under way all the time."""
TOKENS = 24
SECONDS = 12.0
ROUNDS = 3
QUESTIONS = 12


@dataclass(slots=True)
class _Served:
    """Tokens that one organisation got while the clock ran."""

    tokens: int = 0

    def take(self, more: int) -> None:
        """Count tokens as they come: answers that are cut off by the clock would else count as nothing."""
        self.tokens += more


def bench_fairness(
    principal: Principal, *, seconds: float = SECONDS, rounds: int = ROUNDS, questions: int = QUESTIONS
) -> dict[str, Any]:
    """Jain's index of what both get while both want more, throughput beside first come first served, and how much later
    a single reader of the light organisation sees the first token."""
    address = running_address()
    indices: list[float] = []
    with keys_of(two_organisations(principal)) as (light, flood):

        def ours(number: int) -> float:
            served = asyncio.run(_both(address, [(light, LIGHT), (flood, FLOOD)], seconds))
            if number:
                indices.append(jain([one.tokens for one in served]))
            return _rate(served, seconds)

        def peer(_: int) -> float:
            served = asyncio.run(_both(address, [(flood, LIGHT), (flood, FLOOD)], seconds))
            return _rate(served, seconds)

        throughput = alternated(ours, peer, rounds=rounds)
        alone = asyncio.run(_first_tokens(address, light, questions))
        beside = asyncio.run(_first_tokens(address, light, questions, flood=flood))
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
        "first_token": {
            "alone_ms": round(alone * 1000, 1),
            "beside_flood_ms": round(beside * 1000, 1),
            "times_as_late": round(beside / alone, 2),
            "questions": questions,
        },
    }


def _rate(served: Sequence[_Served], seconds: float) -> float:
    """Tokens a second of both. Raises CommandError where none came: there is nothing to compare."""
    tokens = sum(one.tokens for one in served)
    if not tokens:
        raise CommandError(f"No answer ended within {seconds:.0f} seconds: the machine is too busy to measure this.")
    return tokens / seconds


def jain(shares: Sequence[float]) -> float:
    """Jain's fairness index: 1 where all shares are equal, 1/n where one has everything."""
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 1.0


async def _both(address: str, loads: Sequence[tuple[str, int]], seconds: float) -> list[_Served]:
    """Keep so many requests of each key under way for a time; what each got in it."""
    served = [_Served() for _ in loads]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Program(address, key)) for key, width in loads]
        readers = [
            asyncio.create_task(_keep_asking(client, _prompts(number), one))
            for client, (_, width), one in zip(clients, loads, served, strict=True)
            for number in range(width)
        ]
        try:
            await _run_for(seconds, readers)
        finally:
            await _stop(readers)
    return served


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


async def _first_tokens(address: str, key: str, questions: int, *, flood: str = "") -> float:
    """Median seconds to the first token of one reader that asks again and again, alone or beside a flood."""
    async with AsyncExitStack() as stack:
        readers: list[asyncio.Task[None]] = []
        if flood:
            client = await stack.enter_async_context(Program(address, flood))
            readers = [
                asyncio.create_task(_keep_asking(client, _prompts(number), _Served())) for number in range(FLOOD)
            ]
            with suppress(TimeoutError):
                await _run_for(3.0, readers)
        own = await stack.enter_async_context(Program(address, key))
        try:
            seconds = [
                (await own.ask(prompt, tokens=TOKENS)).first_seconds
                for prompt in inputs.prompts(questions + 1, seed=31)
            ]
        finally:
            await _stop(readers)
    return statistics.median(seconds[1:])


def _prompts(seed: int) -> Iterator[str]:
    """Prompts without end, others for each reader and each start."""
    return itertools.chain.from_iterable(
        inputs.prompts(50, seed=1000 * seed + time.monotonic_ns() % 997) for _ in itertools.count()
    )
