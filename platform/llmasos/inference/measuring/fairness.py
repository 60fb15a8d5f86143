"""`bench fairness`: one organisation floods the writing model, another asks a little; then both stand in one line.

The peer is first come, first served: the same callers, all of one organisation, so that nothing is left to share.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.queries import organisation_ids
from llmasos.inference import services
from llmasos.inference.errors import InvalidRequest
from llmasos.inference.measuring import inputs
from llmasos.inference.measuring.figures import alternated
from llmasos.inference.types import GenerationRequest, Message

FLOOD_CALLERS = 40
LIGHT_CALLERS = 4
SECONDS = 8.0
TOKENS = 24
ASKED_ALONE = 20


@dataclass
class _Group:
    """Callers of one organisation, and what they got."""

    principal: Principal
    callers: int
    tokens: int = 0
    first_seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, prompt: str) -> None:
        """Generate once, and count its tokens and the time to its first."""
        request = GenerationRequest(messages=(Message("user", prompt),), max_tokens=TOKENS, deadline_seconds=120)
        started, first, made = time.perf_counter(), 0.0, 0
        for event in services.stream_chat(self.principal, request):
            if event.event == "token" and not first:
                first = time.perf_counter() - started
            made = int(event.data.get("usage", {}).get("completion_tokens", made))
        with self.lock:
            self.tokens += made
            self.first_seconds.append(first)


def bench_fairness(principal: Principal) -> dict[str, Any]:
    """How evenly tokens are shared, what that costs, and how long the light organisation waits for its first token.

    Raises InvalidRequest where the installation has one organisation only.
    """
    other = next((one for one in organisation_ids() if one != principal.organisation_id), None)
    if other is None:
        raise InvalidRequest("this benchmark needs two organisations")
    light = system_principal(other)
    alone = _Group(light, 1)
    for prompt in inputs.prompts(ASKED_ALONE, seed=11):
        alone.ask(prompt)
    shares: list[float] = []
    lines: list[float] = []
    beside: list[float] = []

    def fair(number: int) -> float:
        groups = (_Group(principal, FLOOD_CALLERS), _Group(light, LIGHT_CALLERS))
        rate = _round(groups, number)
        if number:
            shares.append(_jain([group.tokens for group in groups]))
        return rate

    def one_line(number: int) -> float:
        groups = (_Group(principal, FLOOD_CALLERS), _Group(principal, LIGHT_CALLERS))
        rate = _round(groups, number)
        if number:
            lines.append(_jain([group.tokens for group in groups]))
        return rate

    def single(number: int) -> None:
        groups = (_Group(principal, FLOOD_CALLERS), _Group(light, 1))
        _round(groups, number)
        beside.extend(groups[1].first_seconds)

    throughput = alternated(fair, one_line, rounds=3)
    single(9)
    return {
        "benchmark": "fairness",
        "peer": "first come, first served",
        "callers": [FLOOD_CALLERS, LIGHT_CALLERS],
        "unit": "tokens/s",
        "throughput": throughput.as_dict(),
        "jain_index": round(statistics.median(shares), 3),
        "jain_index_peer": round(statistics.median(lines), 3),
        "first_token_alone_ms": round(statistics.median(alone.first_seconds) * 1000, 1),
        "first_token_beside_flood_ms": round(statistics.median(beside) * 1000, 1),
        "first_token_ratio": round(statistics.median(beside) / statistics.median(alone.first_seconds), 2),
    }


def _round(groups: Sequence[_Group], number: int) -> float:
    """Have every caller ask again and again for some seconds; tokens a second of all together."""
    ends = time.perf_counter() + SECONDS
    prompts = inputs.prompts(sum(group.callers for group in groups), seed=500 + number)

    def call(group: _Group, prompt: str) -> None:
        while time.perf_counter() < ends:
            group.ask(prompt)

    started = time.perf_counter()
    callers = [group for group in groups for _ in range(group.callers)]
    with ThreadPoolExecutor(len(callers)) as threads:
        list(threads.map(call, callers, prompts))
    return sum(group.tokens for group in groups) / (time.perf_counter() - started)


def _jain(got: Sequence[int]) -> float:
    """Return Jain's index of fairness: 1 when all got the same, one by their number when one got everything."""
    return sum(got) ** 2 / (len(got) * sum(one**2 for one in got)) if any(got) else 0.0
