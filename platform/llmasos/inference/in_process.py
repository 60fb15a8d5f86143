"""The packaged embedding model in this very process: for commands that measure, with no worker and no database.

Never for requests: a web process loads no model.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from llmasos.inference import catalogue
from llmasos.inference.backends import registry
from llmasos.inference.backends.base import ModelSource

if TYPE_CHECKING:
    from llmasos.inference.types import Vectors

TOKENS_AT_ONCE = 4_096


def embedder() -> Callable[[Sequence[str]], Vectors]:
    """Return a function that embeds texts, (texts, dimensions), and remembers those it has seen.

    Raises:
        ModelUnavailable: the package with the model is not installed.
    """
    return _embedder()


@lru_cache(maxsize=1)
def _embedder() -> Callable[[Sequence[str]], Vectors]:
    name, source = catalogue.DEFAULT_EMBEDDING
    threads = int(os.environ.get("LLMASOS_MODEL_THREADS", "0")) or os.cpu_count() or 1
    model = registry.load("sentence_transformers", ModelSource(name, catalogue.path_of(source), threads=threads))
    known: dict[str, Vectors] = {}

    def embed(texts: Sequence[str]) -> Vectors:
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        tokens = model.tokenize(missing) if missing else []
        batch: list[int] = []
        # Texts of like length together, so that little is spent on padding.
        for at in sorted(range(len(missing)), key=lambda one: len(tokens[one])):
            if batch and (len(batch) + 1) * len(tokens[at]) > TOKENS_AT_ONCE:
                keep(batch, missing, tokens)
                batch = []
            batch.append(at)
        if batch:
            keep(batch, missing, tokens)
        if not texts:
            return np.zeros((0, model.info.dimensions), dtype=np.float32)
        return np.stack([known[text] for text in texts])

    def keep(batch: Sequence[int], texts: Sequence[str], tokens: Sequence[Sequence[int]]) -> None:
        vectors = model.embed_tokens([tokens[at] for at in batch])
        known.update((texts[at], vector) for at, vector in zip(batch, vectors, strict=True))

    return embed
