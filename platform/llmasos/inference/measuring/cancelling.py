"""`bench cancel`: how long after a reader leaves in mid-stream its slot is free, counted in tokens of that stream."""

from __future__ import annotations

import statistics
import time
from contextlib import closing
from typing import Any

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.inference import services
from llmasos.inference.measuring import inputs
from llmasos.inference.models import LIVE_STATES, Run
from llmasos.inference.types import GenerationRequest, Message

TIMES = 20
# The first event holds the first token alone; later ones hold what was made in some milliseconds.
READ_TOKENS = 1
LOOK_SECONDS = 0.002


def bench_cancel(principal: Principal) -> dict[str, Any]:
    """Medians over streams that are left at their first token: until the run has ended, and how many more were made."""
    seconds: list[float] = []
    surplus: list[int] = []
    for prompt in inputs.prompts(TIMES, seed=23):
        request = GenerationRequest(messages=(Message("user", prompt),), max_tokens=512, deadline_seconds=120)
        with closing(services.stream_chat(principal, request)) as events:
            next(events)
            left = time.perf_counter()
        run = _ended(principal)
        seconds.append(time.perf_counter() - left)
        surplus.append(max(0, run.completion_tokens - READ_TOKENS))
    return {
        "benchmark": "cancel",
        "streams": TIMES,
        "until_free_ms": round(statistics.median(seconds) * 1000, 1),
        "tokens_after_leaving": statistics.median(surplus),
        "most_tokens_after_leaving": max(surplus),
    }


def _ended(principal: Principal) -> Run:
    """Wait until the latest run of the organisation has ended."""
    while True:
        with acting_in(principal.organisation_id):
            run = Run.objects.for_organisation(principal.organisation_id).latest("created_at")
        if run.state not in LIVE_STATES:
            return run
        time.sleep(LOOK_SECONDS)
