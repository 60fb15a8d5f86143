"""`bench embed`: the service against sentence-transformers called directly in this process."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

from llmasos.accounts.principals import Principal
from llmasos.inference import catalogue, services
from llmasos.inference.backends.base import EMBED
from llmasos.inference.measuring import inputs
from llmasos.inference.measuring.figures import alternated, paired_added
from llmasos.inference.types import Priority

TEXTS = 512
CALLERS = 64
ASKED = 4
"""How often each caller asks, one text at a time."""
PAIRS = 40


def bench_embed(principal: Principal, *, texts: int = TEXTS, pairs: int = PAIRS) -> dict[str, Any]:
    """Texts a second of both, and what the way through the service adds to one short text."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from sentence_transformers import SentenceTransformer

    source = catalogue.source_of(catalogue.resolve("", task=EMBED))
    torch.set_num_threads(source.threads)
    model = SentenceTransformer(str(source.path), device="cpu")
    batch = inputs.texts(texts)

    def ours(_: int) -> float:
        started = time.perf_counter()
        services.embed(principal, batch, priority=Priority.INTERACTIVE)
        return len(batch) / (time.perf_counter() - started)

    def peer(_: int) -> float:
        started = time.perf_counter()
        model.encode(batch, show_progress_bar=False)
        return len(batch) / (time.perf_counter() - started)

    throughput = alternated(ours, peer)
    with asyncio.Runner() as runner:
        callers = alternated(
            lambda number: runner.run(_callers(principal, number)),
            lambda number: _batches(lambda batch: model.encode(batch, show_progress_bar=False), number),
        )
    mine: list[float] = []
    theirs: list[float] = []
    for number, text in enumerate(inputs.texts(pairs + 3, seed=2, shortest=6, longest=16)):
        started = time.perf_counter()
        services.embed(principal, [text])
        between = time.perf_counter()
        model.encode([text], show_progress_bar=False)
        ended = time.perf_counter()
        if number >= 3:
            mine.append(between - started)
            theirs.append(ended - between)
    return {
        "benchmark": "embed",
        "peer": "sentence-transformers",
        "texts": texts,
        "threads": source.threads,
        "precision": source.precision,
        "unit": "texts/s",
        "throughput": throughput.as_dict(),
        "callers": {"at_once": CALLERS, **callers.as_dict()},
        "single": paired_added(mine, theirs),
    }


async def _callers(principal: Principal, number: int) -> float:
    """Texts a second of callers at once, each of whom asks again when it has its answer."""
    batches = _asked(number)

    async def caller(position: int) -> None:
        for batch in batches:
            await services.aembed(principal, [batch[position]])

    started = time.perf_counter()
    await asyncio.gather(*(caller(position) for position in range(CALLERS)))
    return CALLERS * ASKED / (time.perf_counter() - started)


def _batches(encode: Callable[[list[str]], object], number: int) -> float:
    """Texts a second of the same texts in direct batches."""
    started = time.perf_counter()
    for batch in _asked(number):
        encode(batch)
    return CALLERS * ASKED / (time.perf_counter() - started)


def _asked(number: int) -> list[list[str]]:
    texts = inputs.texts(CALLERS * ASKED, seed=50 + number)
    return [texts[start : start + CALLERS] for start in range(0, len(texts), CALLERS)]
