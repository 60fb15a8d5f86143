"""Answers under /v1, whole and in pieces, in OpenAI's form."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import orjson

from llmasos.api.openai.requests import RerankCall
from llmasos.inference.queries import ModelView
from llmasos.inference.types import EmbeddingResult, GenerationResult, ReadingResult, Usage

DONE = b"data: [DONE]\n\n"
KEEPALIVE = b": keepalive\n\n"


def event(body: Mapping[str, Any]) -> bytes:
    """Return one server-sent event. JSON's own escapes keep line breaks out of it."""
    return b"data: %b\n\n" % orjson.dumps(body)


@dataclass(slots=True)
class TextForm:
    """How one chat ("chat") or text ("text") completion is written down. All its pieces share an id."""

    kind: Literal["chat", "text"]
    model: str
    include_usage: bool = False
    created: int = field(default_factory=lambda: int(time.time()))
    number: str = field(default_factory=lambda: uuid.uuid4().hex)
    _written: int = field(default=0, init=False)
    """How many characters were written: where the next token of a text completion begins."""

    @property
    def id(self) -> str:
        return f"{'chatcmpl' if self.kind == 'chat' else 'cmpl'}-{self.number}"

    def whole(self, result: GenerationResult) -> dict[str, Any]:
        """Return the body of an answer that is not streamed."""
        said: dict[str, Any] = {"text": result.text}
        if self.kind == "chat":
            # As at OpenAI, a turn that only calls tools says nothing.
            content = None if result.tool_calls and not result.text else result.text
            said = {"message": {"role": "assistant", "content": content, "refusal": None}}
            if result.tool_calls:
                said["message"]["tool_calls"] = result.tool_calls
        return {
            "id": self.id,
            "object": "chat.completion" if self.kind == "chat" else "text_completion",
            "created": self.created,
            "model": result.model or self.model,
            "system_fingerprint": _fingerprint(result.model_digest),
            "choices": [
                {
                    "index": 0,
                    **said,
                    "logprobs": self._logprobs(result.logprobs),
                    "finish_reason": result.finish_reason,
                }
            ],
            **_counted(result.usage),
        }

    def opening(self) -> list[bytes]:
        """Return the first piece, which names the role; text completions have none."""
        return [self._piece({"role": "assistant", "content": ""})] if self.kind == "chat" else []

    def piece(self, text: str, logprobs: Sequence[Mapping[str, Any]] = ()) -> bytes:
        """Return a piece of text, with its tokens where they were asked for."""
        return self._piece({"content": text} if self.kind == "chat" else text, logprobs=logprobs)

    def calls(self, growing: Sequence[Mapping[str, Any]]) -> bytes:
        """Return how tool calls grow."""
        return self._piece({"tool_calls": growing})

    def closing(self, data: Mapping[str, Any]) -> list[bytes]:
        """Return what ends a stream: the reason, the usage where it was asked for, and the mark."""
        end = [self._piece({} if self.kind == "chat" else "", str(data.get("finish_reason") or "stop"))]
        if self.include_usage:
            usage = Usage.from_dict(data.get("usage") or {})
            end.append(event(self._frame([]) | _counted(usage)))
        return [*end, DONE]

    def _piece(
        self, said: object, finish_reason: str | None = None, logprobs: Sequence[Mapping[str, Any]] = ()
    ) -> bytes:
        name = "delta" if self.kind == "chat" else "text"
        choice = {"index": 0, name: said, "logprobs": self._logprobs(logprobs), "finish_reason": finish_reason}
        body = self._frame([choice])
        if self.include_usage:
            body["usage"] = None
        return event(body)

    def _logprobs(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
        """Return tokens in the form of chats, or in the older one of text completions."""
        if not rows:
            return None
        if self.kind == "chat":
            return {"content": rows, "refusal": None}
        offsets = []
        for row in rows:
            offsets.append(self._written)
            self._written += len(row["token"])
        return {
            "tokens": [row["token"] for row in rows],
            "token_logprobs": [row["logprob"] for row in rows],
            "top_logprobs": [{near["token"]: near["logprob"] for near in row["top_logprobs"]} for row in rows],
            "text_offset": offsets,
        }

    def _frame(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk" if self.kind == "chat" else "text_completion",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }


def embeddings(result: EmbeddingResult, *, as_base64: bool, dimensions: int) -> bytes:
    """Return the body for vectors, shortened to `dimensions` and made length 1 again where that is set."""
    vectors = result.vectors
    if dimensions and dimensions < vectors.shape[1]:
        vectors = vectors[:, :dimensions]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = (vectors / np.where(lengths == 0.0, 1.0, lengths)).astype(np.float32)
    vectors = vectors.astype("<f4")
    rows = [
        {
            "object": "embedding",
            "index": number,
            "embedding": base64.b64encode(vector.tobytes()).decode() if as_base64 else vector.tolist(),
        }
        for number, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": result.usage.prompt_tokens, "total_tokens": result.usage.prompt_tokens}
    body = {"object": "list", "data": rows, "model": result.model, "usage": usage}
    return json.dumps(body, separators=(",", ":")).encode()


def ranking(result: ReadingResult[float], call: RerankCall) -> dict[str, Any]:
    """Return the texts that fit a query best, best first, in the form that Cohere, Jina and vLLM share."""
    ranked = sorted(enumerate(result.items), key=lambda one: -one[1])[: call.most]
    return {
        "id": f"rerank-{result.run_id.hex}",
        "object": "list",
        "model": result.model,
        "results": [
            {"index": index, "relevance_score": score}
            | ({"document": {"text": call.texts[index]}} if call.with_texts else {})
            for index, score in ranked
        ],
        "usage": {"prompt_tokens": result.usage.prompt_tokens, "total_tokens": result.usage.prompt_tokens},
    }


def model(view: ModelView) -> dict[str, Any]:
    """Return a model, with what this platform knows beyond OpenAI's four fields."""
    return {
        "id": view.name,
        "object": "model",
        "created": int(view.created),
        "owned_by": "llmasos",
        "task": view.task,
        "default": view.is_default,
        "loaded": view.loaded,
        "context_tokens": view.context_tokens,
        "dimensions": view.dimensions or None,
        "digest": view.digest or None,
    }


def _counted(usage: Usage) -> dict[str, Any]:
    return {
        "usage": {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.total_tokens,
        },
        "timings": {
            "queue_ms": round(usage.queue_ms, 2),
            "prefill_ms": round(usage.prefill_ms, 2),
            "decode_ms": round(usage.decode_ms, 2),
        },
    }


def _fingerprint(digest: str) -> str | None:
    return f"fp_{digest[:12]}" if digest else None
