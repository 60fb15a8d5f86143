"""A deterministic model without weights: repeats its prompt and embeds text by hashing words.

It is a backend like the others and serves the tests of everything above the contract: how fast it
is and how it fails can be told from outside.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from llmasos.inference.backends.base import (
    EMBED,
    GENERATE,
    Backend,
    BackendInfo,
    Completion,
    ModelSource,
    OnDetail,
    OnText,
    no_detail,
)
from llmasos.inference.errors import InvalidRequest, TooLong
from llmasos.inference.types import GenerationRequest

if TYPE_CHECKING:
    from llmasos.inference.types import Vectors

DIMENSIONS = 384
MAX_TOKENS = 256
CONTEXT_TOKENS = 2048


class EchoBackend(Backend):
    """Echoes the last message word by word. LLMASOS_ECHO_TOKEN_MS is the pause before each word.

    LLMASOS_ECHO_SLOTS is how many may be echoed at once.

    Each word has the probability 1. Where JSON is wanted, the message stands in it as `text`; where tools are offered,
    the first or the named one is called with the message as `text`, unless the message is a tool's answer.
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

    def generate(
        self, request: GenerationRequest, on_text: OnText, *, owner: str, on_detail: OnDetail = no_detail
    ) -> Completion:
        started = time.perf_counter()
        prompt = request.prompt
        if prompt is None:
            prompt = request.messages[-1].content if request.messages else ""
        words = prompt.split()
        if not words:
            raise InvalidRequest("the prompt is empty")
        if len(words) > CONTEXT_TOKENS:
            raise TooLong.of(len(words), CONTEXT_TOKENS)
        tool = _called(request)
        if request.response_format is not None and request.response_format["type"] != "json_object":
            raise InvalidRequest("the echo keeps to no schema")
        asked = len(words)
        if tool or request.response_format is not None:
            words = json.dumps({"text": " ".join(words)}, ensure_ascii=False).split(" ")
        text, made, reason = "", 0, "tool_calls" if tool else "stop"
        prefill_ms = (time.perf_counter() - started) * 1000
        if tool:
            call = {"index": 0, "id": f"call_{_word_id(prompt):x}", "type": "function"}
            on_detail("tool_calls", [call | {"function": {"name": tool, "arguments": ""}}])
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
            if request.top_logprobs is not None:
                on_detail("logprobs", [_certain(piece, request.top_logprobs)])
            growing = [{"index": 0, "function": {"arguments": piece}}]
            if on_detail("tool_calls", growing) if tool else on_text(piece):
                reason = "cancelled"
                break
        total_ms = (time.perf_counter() - started) * 1000
        return Completion(reason, asked, made, prefill_ms, total_ms - prefill_ms)

    def close(self) -> None:
        return None


def _called(request: GenerationRequest) -> str:
    """Return the name of the tool to call; empty where none is."""
    if not request.tools or request.tool_choice == "none" or not request.messages or request.messages[-1].tool_call_id:
        return ""
    chosen = request.tools[0] if isinstance(request.tool_choice, str) else request.tool_choice
    return str(chosen["function"]["name"])


def _certain(piece: str, most: int) -> dict[str, Any]:
    token: Mapping[str, Any] = {"token": piece, "logprob": 0.0, "bytes": list(piece.encode())}
    return {**token, "top_logprobs": [token][:most]}


def _word_id(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.lower().encode()).digest()[:4], "big")


def _first_stop(text: str, stops: Sequence[str]) -> int | None:
    found = [text.index(stop) for stop in stops if stop and stop in text]
    return min(found) if found else None
