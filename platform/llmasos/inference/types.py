"""Requests and results of the model service. Plain data: importing this needs neither Django nor torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

Item = TypeVar("Item")

TERMINAL_EVENTS = frozenset({"done", "abstained", "handed_over", "cancelled", "failed"})


class Priority(IntEnum):
    """Lower is sooner. Interactive work overtakes bulk work, which ages so that it is not starved."""

    INTERACTIVE = 0
    BULK = 1


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; `role` is system, user, assistant or tool.

    An assistant's turn may hold `tool_calls` in OpenAI's form; a tool's answers the one that `tool_call_id` names.
    """

    role: str
    content: str
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What to generate: either `messages` (the model's chat template is used) or a raw `prompt`.

    `deadline_seconds` counts from submission and includes waiting. `seed` fixes sampling where
    `temperature` is above 0. An empty `model` means the catalogue's default.

    `top_logprobs` asks for each token's log probability and that of so many likeliest ones; None asks for none.
    `response_format` (json_object or json_schema), `tools` and `tool_choice` (auto, none, required, or one function)
    have OpenAI's form. A model that does not offer one of these refuses the request.
    """

    messages: tuple[Message, ...] | None = None
    prompt: str | None = None
    model: str = ""
    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int | None = None
    priority: Priority = Priority.INTERACTIVE
    deadline_seconds: float = 60.0
    top_logprobs: int | None = None
    response_format: Mapping[str, Any] | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    tool_choice: str | Mapping[str, Any] = "auto"
    parallel_tool_calls: bool = True


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens counted by the model's tokenizer, and where the time went, in milliseconds."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    queue_ms: float = 0.0
    prefill_ms: float = 0.0
    decode_ms: float = 0.0

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def as_dict(self) -> dict[str, float]:
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "queue_ms": round(self.queue_ms, 2),
            "prefill_ms": round(self.prefill_ms, 2),
            "decode_ms": round(self.decode_ms, 2),
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Usage:
        return cls(
            prompt_tokens=int(values.get("prompt_tokens", 0)),
            completion_tokens=int(values.get("completion_tokens", 0)),
            queue_ms=float(values.get("queue_ms", 0.0)),
            prefill_ms=float(values.get("prefill_ms", 0.0)),
            decode_ms=float(values.get("decode_ms", 0.0)),
        )


@dataclass(frozen=True, slots=True)
class GenerationResult:
    """A finished generation. `finish_reason` is stop, length or tool_calls; `model_digest` is SHA-256 of the weights.

    `tool_calls` and `logprobs` (one row a token) have OpenAI's form.
    """

    text: str
    finish_reason: str
    usage: Usage
    model: str
    model_digest: str
    run_id: UUID
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    logprobs: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class EmbeddingResult:
    """`vectors` is float32 [n, dimensions], one L2-normalised row a text, in the order of the texts."""

    vectors: Vectors
    usage: Usage
    model: str
    model_digest: str
    run_id: UUID


@dataclass(frozen=True, slots=True)
class Label:
    """A label with its probability; for a label of a span, where that begins and ends in the text (characters)."""

    name: str
    score: float
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Classification:
    """What a classifier says of one text: all labels, the likeliest first, or the spans that it found."""

    labels: tuple[Label, ...]
    spans: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """Where text number ``index`` answers a question (characters), and how probable that is; empty: nowhere."""

    index: int
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class TextScore:
    """The natural logarithm of a text's probability under a model, and over how many tokens it is summed."""

    log_probability: float
    tokens: int


@dataclass(frozen=True, slots=True)
class ReadingResult(Generic[Item]):
    """What a reading model found, one item a text in their order."""

    items: tuple[Item, ...]
    usage: Usage
    model: str
    model_digest: str
    run_id: UUID


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One entry of a run's stream. `id` resumes reading after this event; a keepalive has none."""

    id: str
    event: str
    data: dict[str, Any] = field(default_factory=dict)
    blob: bytes | None = field(default=None, repr=False)
    """A binary result that goes with a terminal event, such as vectors."""

    @property
    def terminal(self) -> bool:
        return self.event in TERMINAL_EVENTS
