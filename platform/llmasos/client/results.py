"""What the server's answers look like to a program: frozen, typed, free of any third-party type."""

from __future__ import annotations

import array
import base64
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from llmasos.client.errors import UnexpectedReplyError


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation. `role` is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens counted by the model's own tokenizer, and milliseconds where the server measures them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    queue_ms: float | None = None
    prefill_ms: float | None = None
    decode_ms: float | None = None

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class ChatReply:
    """A finished answer. `finish_reason` is "stop" (the model ended) or "length" (max_tokens reached)."""

    text: str
    model: str
    finish_reason: str
    usage: Usage
    id: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Embeddings(Sequence[tuple[float, ...]]):
    """One vector of length 1 for each text, in the order of the texts; behaves as a sequence of them."""

    vectors: tuple[tuple[float, ...], ...]
    model: str
    usage: Usage

    @property
    def dimensions(self) -> int:
        return len(self.vectors[0]) if self.vectors else 0

    def __len__(self) -> int:
        return len(self.vectors)

    def __iter__(self) -> Iterator[tuple[float, ...]]:
        return iter(self.vectors)

    @overload
    def __getitem__(self, index: int) -> tuple[float, ...]: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[float, ...], ...]: ...

    def __getitem__(self, index: int | slice) -> tuple[float, ...] | tuple[tuple[float, ...], ...]:
        return self.vectors[index]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One passage that search found. `score` orders the hits; `dense` and `lexical` explain it."""

    title: str
    text: str
    url: str
    score: float
    heading_path: tuple[str, ...]
    external_id: str
    document_id: str
    chunk_id: str
    collection: str
    dense: float | None = None
    lexical: float | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A text that was ranked: which of those that were sent, and how well it fits the query, from 0 to 1."""

    index: int
    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model that the key may use. `task` is what it is for: "generate" or "embed"."""

    id: str
    task: str = ""
    owned_by: str = ""
    created: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)


def usage_from(body: Mapping[str, Any]) -> Usage:
    """Read the counts and, where the server gives them, the timings of an OpenAI-form body."""
    counts = body.get("usage") or {}
    timings = body.get("timings") or {}
    return Usage(
        prompt_tokens=int(counts.get("prompt_tokens") or 0),
        completion_tokens=int(counts.get("completion_tokens") or 0),
        queue_ms=timings.get("queue_ms"),
        prefill_ms=timings.get("prefill_ms"),
        decode_ms=timings.get("decode_ms"),
    )


def chat_reply_from(body: Mapping[str, Any]) -> ChatReply:
    """Read a chat or text completion. Raises UnexpectedReplyError for any other body."""
    try:
        choice = body["choices"][0]
        text = choice["message"]["content"] if "message" in choice else choice["text"]
        return ChatReply(
            text=text or "",
            model=body["model"],
            finish_reason=choice.get("finish_reason") or "",
            usage=usage_from(body),
            id=body["id"],
        )
    except (KeyError, IndexError, TypeError) as error:
        raise _unexpected("a completion") from error


def embeddings_from(bodies: Sequence[Mapping[str, Any]]) -> Embeddings:
    """Join the answers to consecutive batches of one embedding request."""
    vectors: list[tuple[float, ...]] = []
    tokens = 0
    model = ""
    try:
        for body in bodies:
            rows = sorted(body["data"], key=lambda row: int(row["index"]))
            vectors.extend(_vector(row["embedding"]) for row in rows)
            tokens += usage_from(body).prompt_tokens
            model = body["model"]
    except (KeyError, TypeError, ValueError) as error:
        raise _unexpected("embeddings") from error
    return Embeddings(vectors=tuple(vectors), model=model, usage=Usage(prompt_tokens=tokens))


def search_hits_from(body: Mapping[str, Any]) -> list[SearchHit]:
    """Read the answer of /api/search."""
    try:
        return [
            SearchHit(
                title=hit["title"],
                text=hit["text"],
                url=hit["url"],
                score=float(hit["score"]),
                heading_path=tuple(hit["heading_path"]),
                external_id=hit["external_id"],
                document_id=hit["document_id"],
                chunk_id=hit["chunk_id"],
                collection=hit["collection"],
                dense=hit["dense"],
                lexical=hit["lexical"],
            )
            for hit in body["hits"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise _unexpected("search results") from error


def ranked_from(body: Mapping[str, Any], texts: Sequence[str]) -> list[Ranked]:
    """Read the answer of /v1/rerank to these texts."""
    try:
        return [
            Ranked(index=row["index"], score=float(row["relevance_score"]), text=texts[row["index"]])
            for row in body["results"]
        ]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _unexpected("a ranking") from error


def models_from(body: Mapping[str, Any]) -> list[Model]:
    """Read the answer of /v1/models; fields that this version does not know stay in `details`."""
    try:
        return [
            Model(
                id=row["id"],
                task=row.get("task", ""),
                owned_by=row.get("owned_by", ""),
                created=int(row.get("created") or 0),
                details={
                    name: value
                    for name, value in row.items()
                    if name not in {"id", "task", "owned_by", "created", "object"}
                },
            )
            for row in body["data"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unexpected("a list of models") from error


def _vector(value: object) -> tuple[float, ...]:
    if isinstance(value, str):
        numbers = array.array("f")
        numbers.frombytes(base64.b64decode(value))
        if sys.byteorder == "big":  # the wire carries little-endian 32-bit floats
            numbers.byteswap()
        return tuple(numbers)
    if isinstance(value, list):
        return tuple(float(number) for number in value)
    raise TypeError("an embedding is a list of numbers or their base64 form")


def _unexpected(what: str) -> UnexpectedReplyError:
    return UnexpectedReplyError(
        f"The server's answer does not hold {what}. Check that base_url points at an LLMasOS server."
    )
