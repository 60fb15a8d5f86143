"""What llama.cpp's models offer beside plain text: JSON in a given form, tool calls, probabilities of tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from llmasos.inference.backends import registry
from llmasos.inference.backends.base import Backend, Completion, ModelSource
from llmasos.inference.errors import InvalidRequest, NotOffered
from llmasos.inference.outcomes import Gathered
from llmasos.inference.types import GenerationRequest, GenerationResult, Message, StreamEvent
from tests.inference.test_backends import text_model

pytestmark = pytest.mark.models

ASKED = GenerationRequest(messages=(Message("user", "What is the weather in Oslo?"),), max_tokens=64)
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a town",
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": "string", "maxLength": 12}},
            "required": ["town"],
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"town": {"type": "string", "enum": ["Oslo", "Bergen"]}, "warm": {"type": "boolean"}},
    "required": ["town", "warm"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    loaded = registry.load("xllamacpp", ModelSource("small", text_model(), slots=1, context_tokens=1024))
    yield loaded
    loaded.close()


def answered(backend: Backend, request: GenerationRequest) -> tuple[Completion, GenerationResult]:
    gathered = Gathered()
    waiting: list[Any] = []

    def on_text(piece: str) -> bool:
        gathered.take(StreamEvent("", "token", {"text": piece, "logprobs": list(waiting)}))
        waiting.clear()
        return False

    def on_detail(kind: str, rows: Any) -> bool:
        if kind == "logprobs":
            waiting.extend(rows)
        elif kind == "tool_calls":
            gathered.take(StreamEvent("", kind, {kind: rows}))
        return False

    completion = backend.generate(request, on_text, owner="a", on_detail=on_detail)
    gathered.take(StreamEvent("", "done", {"run_id": "00000000-0000-0000-0000-000000000000"}))
    return completion, gathered.result()


def test_an_answer_keeps_to_its_schema(backend: Backend) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "weather", "schema": SCHEMA}}
    _, result = answered(backend, replace(ASKED, response_format=form))
    found = json.loads(result.text)
    assert found["town"] in ("Oslo", "Bergen")
    assert set(found) == {"town", "warm"}


def test_a_schema_that_means_nothing_is_the_requests_fault(backend: Backend) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "weather", "schema": {"type": "nonsense"}}}
    with pytest.raises(InvalidRequest, match="unrecognized type nonsense"):
        answered(backend, replace(ASKED, response_format=form))


def test_an_answer_is_json_where_that_is_asked_for(backend: Backend) -> None:
    _, result = answered(backend, replace(ASKED, response_format={"type": "json_object"}, max_tokens=24))
    assert result.text.lstrip().startswith("{")


def test_a_tool_that_must_be_called_is_called_with_what_it_takes(backend: Backend) -> None:
    completion, result = answered(backend, replace(ASKED, tools=(WEATHER,), tool_choice="required"))
    (call,) = result.tool_calls
    assert (call["function"]["name"], completion.finish_reason) == ("weather", "tool_calls")
    assert isinstance(json.loads(call["function"]["arguments"])["town"], str)
    assert call["id"]


def test_a_tool_that_may_be_called_leaves_room_for_words(backend: Backend) -> None:
    completion, result = answered(backend, replace(ASKED, tools=(WEATHER,), max_tokens=48))
    assert bool(result.tool_calls) != bool(result.text)
    assert (completion.finish_reason == "tool_calls") == bool(result.tool_calls)


def test_a_tools_answer_is_read(backend: Backend) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"town": "Oslo"}'}}
    turns = (
        *(ASKED.messages or ()),
        Message("assistant", "", tool_calls=(call,)),
        Message("tool", "Rain, 4 degrees.", tool_call_id="call_1"),
    )
    completion, result = answered(
        backend, replace(ASKED, messages=turns, tools=(WEATHER,), tool_choice="none", max_tokens=8)
    )
    assert result.text
    assert completion.prompt_tokens > 10


@pytest.mark.parametrize("asked", [ASKED, GenerationRequest(prompt="Oslo is")])
def test_each_token_comes_with_its_probability(backend: Backend, asked: GenerationRequest) -> None:
    _, result = answered(backend, replace(asked, max_tokens=6, top_logprobs=3))
    assert "".join(row["token"] for row in result.logprobs) == result.text
    for row in result.logprobs:
        assert row["logprob"] <= 0
        assert row["logprob"] == max(near["logprob"] for near in row["top_logprobs"])
        assert len(row["top_logprobs"]) == 3


def test_a_seed_makes_a_warm_answer_repeatable(backend: Backend) -> None:
    warm = replace(ASKED, temperature=1.5, max_tokens=8, seed=3)
    first, second, other = (answered(backend, one)[1].text for one in (warm, warm, replace(warm, seed=4)))
    assert first == second != other


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"top_logprobs": 0}, "logprobs"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"tools": (WEATHER,)}, "tools"),
    ],
)
def test_what_a_backend_does_not_offer_is_refused_by_name(wish: dict[str, Any], param: str) -> None:
    with pytest.raises(NotOffered) as caught:
        registry.require_offered("transformers", replace(ASKED, **wish))
    assert caught.value.param == param
