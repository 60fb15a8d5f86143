"""A deterministic model without weights: repeats its prompt and embeds text by hashing words.

It is a backend like the others and serves the tests of everything above the contract: how fast it
is and how it fails can be told from outside.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from llmasos.inference.backends.base import (
    EMBED,
    GENERATE,
    Backend,
    BackendInfo,
    Completion,
    ModelSource,
    OnText,
)
from llmasos.inference.errors import InvalidRequest
from llmasos.inference.types import GenerationRequest

if TYPE_CHECKING:
    from llmasos.inference.types import Vectors

DIMENSIONS = 384
MAX_TOKENS = 256
CONTEXT_TOKENS = 2048


class EchoBackend(Backend):
    """Echoes the last message word by word. LLMASOS_ECHO_TOKEN_MS is the pause before each word.

    LLMASOS_ECHO_SLOTS is how many may be echoed at once.
    """

    def __init__(self, source: ModelSource) -> None:
        self._pause = float(os.environ.get("LLMASOS_ECHO_TOKEN_MS", "0")) / 1000
        self.info = BackendInfo(
            tasks=frozenset({EMBED, GENERATE}),
            digest=hashlib.sha256(b"echo").hexdigest(),
            dimensions=DIMENSIONS,
            context_tokens=CONTEXT_TOKENS,
            slots=int(os.environ.get("LLMASOS_ECHO_SLOTS", "0")) or source.slots,
        )

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [[_word_id(word) for word in text.split()[:MAX_TOKENS]] or [0] for text in texts]

    def embed_tokens(self, batch: Sequence[Sequence[int]]) -> Vectors:
        if self._pause:
            time.sleep(self._pause)
        vectors = np.zeros((len(batch), DIMENSIONS), dtype=np.float32)
        for row, tokens in enumerate(batch):
            for token in tokens:
                vectors[row, token % DIMENSIONS] += 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def generate(self, request: GenerationRequest, on_text: OnText, *, owner: str) -> Completion:
        started = time.perf_counter()
        prompt = request.prompt
        if prompt is None:
            prompt = request.messages[-1].content if request.messages else ""
        words = prompt.split()
        if not words:
            raise InvalidRequest("the prompt is empty")
        if len(words) > CONTEXT_TOKENS:
            raise InvalidRequest("the prompt is longer than the model's context")
        text, made, reason = "", 0, "stop"
        prefill_ms = (time.perf_counter() - started) * 1000
        for word in words:
            if made >= request.max_tokens:
                reason = "length"
                break
            if self._pause:
                time.sleep(self._pause)
            piece = word if not text else f" {word}"
            end = _first_stop(text + piece, request.stop)
            if end is not None:
                if end > len(text):
                    on_text((text + piece)[len(text) : end])
                break
            made += 1
            text += piece
            if on_text(piece):
                reason = "cancelled"
                break
        total_ms = (time.perf_counter() - started) * 1000
        return Completion(reason, len(words), made, prefill_ms, total_ms - prefill_ms)

    def close(self) -> None:
        return None


def _word_id(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.lower().encode()).digest()[:4], "big")


def _first_stop(text: str, stops: Sequence[str]) -> int | None:
    found = [text.index(stop) for stop in stops if stop and stop in text]
    return min(found) if found else None
