"""Requests and pieces of answers in OpenAI's form, which llama.cpp and many servers speak."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llmasos.inference.backends.base import OnDetail, OnText
from llmasos.inference.types import GenerationRequest, Message

# What OpenAI writes where a token's probability is nil.
UNLIKELY = -9999.0


def turns(request: GenerationRequest) -> list[dict[str, Any]]:
    """Return a request's messages."""
    return [_turn(message) for message in request.messages or ()]


def _turn(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        turn |= {"content": message.content or None, "tool_calls": [dict(call) for call in message.tool_calls]}
    if message.tool_call_id:
        turn["tool_call_id"] = message.tool_call_id
    return turn


def wishes(request: GenerationRequest) -> dict[str, Any]:
    """Return the fields of a request that need not be set; only those that are."""
    body: dict[str, Any] = {}
    if request.stop:
        body["stop"] = list(request.stop)
    if request.seed is not None:
        body["seed"] = request.seed
    if request.top_logprobs is not None:
        # Some servers take 0 for none at all; what is too much is left out when it comes.
        most = max(1, request.top_logprobs)
        body |= {"logprobs": most} if request.prompt is not None else {"logprobs": True, "top_logprobs": most}
    if request.response_format is not None:
        body["response_format"] = dict(request.response_format)
    if request.tools:
        body |= {
            "tools": list(request.tools),
            "tool_choice": request.tool_choice,
            "parallel_tool_calls": request.parallel_tool_calls,
        }
    return body


@dataclass(slots=True)
class Hearing:
    """Passes on what the chunks of one stream hold, and remembers how it ended."""

    request: GenerationRequest
    on_text: OnText
    on_detail: OnDetail
    reason: str = ""
    pieces: int = 0
    first: float = 0.0
    """When the first piece came, by `time.perf_counter`; 0 before."""

    def take(self, chunk: Mapping[str, Any]) -> bool:
        """Pass one chunk on; True when no more is wanted."""
        for choice in chunk.get("choices") or ():
            self.reason = choice.get("finish_reason") or self.reason
            if self._passed(choice):
                self.reason = "cancelled"
                return True
        return False

    def _passed(self, choice: Mapping[str, Any]) -> bool:
        delta = choice.get("delta") or {}
        most = self.request.top_logprobs
        if most is not None and (rows := logprobs(choice, most)) and self.on_detail("logprobs", rows):
            return True
        piece = choice.get("text") or delta.get("content") or ""
        calls = delta.get("tool_calls") or ()
        if piece or calls:
            self.pieces += 1
            self.first = self.first or time.perf_counter()
        return bool((piece and self.on_text(piece)) or (calls and self.on_detail("tool_calls", calls)))


def logprobs(choice: Mapping[str, Any], most: int) -> list[dict[str, Any]]:
    """Return a choice's tokens with `most` likeliest ones each, from the form of chats or that of completions."""
    found = choice.get("logprobs") or {}
    if found.get("content"):
        return [
            {**_token(row), "top_logprobs": [_token(other) for other in (row.get("top_logprobs") or ())[:most]]}
            for row in found["content"]
        ]
    tokens = found.get("tokens") or ()
    others = found.get("top_logprobs") or [{}] * len(tokens)
    return [
        {
            **_token({"token": token, "logprob": value}),
            "top_logprobs": [
                _token({"token": text, "logprob": number}) for text, number in list((near or {}).items())[:most]
            ],
        }
        for token, value, near in zip(tokens, found.get("token_logprobs") or (), others, strict=False)
    ]


def _token(row: Mapping[str, Any]) -> dict[str, Any]:
    token, value = str(row.get("token", "")), row.get("logprob")
    return {
        "token": token,
        "logprob": UNLIKELY if value is None else float(value),
        "bytes": row.get("bytes") or list(token.encode("utf-8", "replace")),
    }
