"""`bench generate`: the service against xllamacpp's own HTTP server, eight streams at once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from llmasos.accounts.principals import Principal
from llmasos.inference import catalogue, services
from llmasos.inference.backends.base import GENERATE, ModelSource
from llmasos.inference.measuring import inputs
from llmasos.inference.measuring.figures import alternated, paired_added
from llmasos.inference.types import GenerationRequest, Message

STREAMS = 8
TOKENS = 64
PAIRS = 30


@dataclass(frozen=True, slots=True)
class _Streamed:
    """One generation as its reader saw it: seconds to the first text, and tokens made."""

    first_seconds: float
    tokens: int


Stream = Callable[[str, int], _Streamed]


def bench_generate(
    principal: Principal, *, streams: int = STREAMS, tokens: int = TOKENS, pairs: int = PAIRS
) -> dict[str, Any]:
    """Tokens a second of both at so many streams, and what the service adds to the first token."""
    source = catalogue.source_of(catalogue.resolve("", task=GENERATE))

    def ours(prompt: str, limit: int) -> _Streamed:
        request = GenerationRequest(messages=(Message("user", prompt),), max_tokens=limit, deadline_seconds=300)
        started, first, made = time.perf_counter(), 0.0, 0
        for event in services.stream_chat(principal, request):
            if event.event == "token" and not first:
                first = time.perf_counter() - started
            made = int(event.data.get("usage", {}).get("completion_tokens", made))
        return _Streamed(first, made)

    # The peer closes a connection that was idle for five seconds.
    limits = httpx.Limits(keepalive_expiry=1.0)
    with _peer(source) as address, httpx.Client(base_url=address, timeout=300, limits=limits) as client:

        def peer(prompt: str, limit: int) -> _Streamed:
            try:
                return _over_http(client, prompt, limit)
            except httpx.RemoteProtocolError:
                # It closed the idle connection just as the request left; the clock starts anew on a fresh one.
                return _over_http(client, prompt, limit)

        with ThreadPoolExecutor(streams) as threads:

            def rate(stream: Stream, number: int) -> float:
                prompts = inputs.prompts(streams, seed=100 + number)
                started = time.perf_counter()
                made = sum(done.tokens for done in threads.map(lambda prompt: stream(prompt, tokens), prompts))
                return made / (time.perf_counter() - started)

            throughput = alternated(lambda number: rate(ours, number), lambda number: rate(peer, number))
        mine: list[float] = []
        theirs: list[float] = []
        for number, prompt in enumerate(inputs.prompts(pairs + 3, seed=7)):
            for side in (0, 1) if number % 2 else (1, 0):
                seconds = (ours, peer)[side](prompt, 4).first_seconds
                if number >= 3:
                    (mine, theirs)[side].append(seconds)
    return {
        "benchmark": "generate",
        "peer": "xllamacpp HTTP server",
        "streams": streams,
        "max_tokens": tokens,
        "threads": source.threads,
        "unit": "tokens/s",
        "throughput": throughput.as_dict(),
        "first_token": paired_added(mine, theirs),
    }


@contextmanager
def _peer(source: ModelSource) -> Iterator[str]:
    command = [sys.executable, "-m", "llmasos.inference.measuring.peer_server"]
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the peer was started without pipes")
        try:
            process.stdin.write(json.dumps({**asdict(source), "path": str(source.path)}) + "\n")
            process.stdin.flush()
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(timeout=30)


def _over_http(client: httpx.Client, prompt: str, limit: int) -> _Streamed:
    body = {
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": limit,
        "temperature": 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    started, first, made = time.perf_counter(), 0.0, 0
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        response.raise_for_status()
        for line in response.iter_lines():
            if not line.startswith("data: {"):
                continue
            chunk = json.loads(line[6:])
            if not first and any(choice["delta"].get("content") for choice in chunk["choices"]):
                first = time.perf_counter() - started
            made = int((chunk.get("usage") or {}).get("completion_tokens", made))
    return _Streamed(first, made)
