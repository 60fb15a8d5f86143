"""From a run's terminal event to the caller's result or exception."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np

from llmasos.inference.errors import InferenceError, RunFailed, error_from_code
from llmasos.inference.types import EmbeddingResult, GenerationResult, Item, ReadingResult, StreamEvent, Usage

LOST = frozenset({"worker_lost", "input_lost", "result_lost"})
"""Failures after which the caller, who still has the text, may start the same run anew."""


def raise_for(run_id: UUID, event: StreamEvent) -> None:
    """Raises the error that a terminal event other than done stands for."""
    if event.event == "done":
        return
    if event.event == "cancelled":
        raise error_from_code("cancelled", "the run was cancelled", run_id=run_id)
    error: dict[str, Any] = event.data.get("error", {})
    raise error_from_code(
        str(error.get("code", "run_failed")),
        str(error.get("message", "")),
        run_id=run_id,
        retryable=bool(error.get("retryable", False)),
    )


def was_lost(error: InferenceError) -> bool:
    return isinstance(error, RunFailed) and error.failure in LOST


def lost_event(event: StreamEvent) -> bool:
    return event.event == "failed" and event.data.get("error", {}).get("code") in LOST


class Gathered:
    """The events of a generation, put together to its result."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._logprobs: list[Mapping[str, Any]] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._final = StreamEvent("", "failed")

    def take(self, event: StreamEvent) -> None:
        """Take the next event."""
        if event.event == "token":
            self._pieces.append(event.data["text"])
            self._logprobs += event.data.get("logprobs", ())
        elif event.event == "tool_calls":
            for growing in event.data["tool_calls"]:
                self._grow(growing)
        self._final = event

    def _grow(self, growing: Mapping[str, Any]) -> None:
        call = self._calls.setdefault(
            int(growing.get("index", 0)), {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
        )
        call["id"] = growing.get("id") or call["id"]
        for name, piece in (growing.get("function") or {}).items():
            call["function"][name] = call["function"].get(name, "") + (piece or "")

    def result(self) -> GenerationResult:
        """The result, once the last event was taken. Raises the error that this stands for."""
        run_id = UUID(self._final.data["run_id"])
        result = generation_result(run_id, "".join(self._pieces), self._final)
        calls = tuple(self._calls[index] for index in sorted(self._calls))
        return replace(result, tool_calls=calls, logprobs=tuple(self._logprobs))


def generation_result(run_id: UUID, text: str, event: StreamEvent) -> GenerationResult:
    """The result of a generation whose terminal event is `event`."""
    raise_for(run_id, event)
    return GenerationResult(
        text=text,
        finish_reason=str(event.data.get("finish_reason", "")),
        usage=Usage.from_dict(event.data.get("usage", {})),
        model=str(event.data.get("model", "")),
        model_digest=str(event.data.get("model_digest", "")),
        run_id=run_id,
    )


def embedding_result(run_id: UUID, event: StreamEvent) -> EmbeddingResult:
    """The result of an embedding whose terminal event is `event`."""
    raise_for(run_id, event)
    if event.blob is None:
        raise RunFailed("the vectors are no longer there", failure="result_lost", retryable=True, run_id=run_id)
    rows, columns = event.data["shape"]
    vectors = np.frombuffer(event.blob, dtype=np.float32).reshape(rows, columns)
    return EmbeddingResult(
        vectors=vectors,
        usage=Usage.from_dict(event.data.get("usage", {})),
        model=str(event.data.get("model", "")),
        model_digest=str(event.data.get("model_digest", "")),
        run_id=run_id,
    )


def reading_result(run_id: UUID, event: StreamEvent, item: Callable[[Any], Item]) -> ReadingResult[Item]:
    """The result of a reading run whose terminal event is `event`; `item` reads what was found in one text."""
    raise_for(run_id, event)
    return ReadingResult(
        items=tuple(item(one) for one in event.data["items"]),
        usage=Usage.from_dict(event.data.get("usage", {})),
        model=str(event.data.get("model", "")),
        model_digest=str(event.data.get("model_digest", "")),
        run_id=run_id,
    )
