"""Models on a server that speaks the OpenAI API: what is sent, tried again, given up, and never sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmasos.inference.backends import openai, registry
from llmasos.inference.backends.base import Backend, ModelSource
from llmasos.inference.errors import InvalidRequest, ModelUnavailable
from llmasos.inference.types import GenerationRequest, Message
from tests.inference.openai_server import Server, serving

REQUEST = GenerationRequest(messages=(Message("user", "one two three four"),), max_tokens=16)


@pytest.fixture(scope="module")
def listening() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(listening: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr(openai, "PAUSE_SECONDS", 0.0)
    listening.asked, listening.keys, listening.fails_with, listening.cut_after = [], [], [], 0
    listening.choices = []
    return listening


def loaded(server: Server, *, key: str = "", is_outside: bool = True) -> Backend:
    source = ModelSource(
        "big", Path(os.devnull), server=server.address, server_model="big-1", key=key, is_outside=is_outside
    )
    return registry.load("openai", source)


def said(backend: Backend, request: GenerationRequest = REQUEST) -> str:
    pieces: list[str] = []
    backend.generate(request, lambda piece: bool(pieces.append(piece)), owner="a")
    return "".join(pieces)


def test_the_text_of_a_stream_is_passed_on_with_its_usage(server: Server) -> None:
    pieces: list[str] = []
    completion = loaded(server).generate(REQUEST, lambda piece: bool(pieces.append(piece)), owner="a")
    assert pieces == ["one", " two", " three", " four"]
    assert (completion.finish_reason, completion.prompt_tokens, completion.completion_tokens) == ("stop", 4, 4)


def test_the_model_is_asked_for_by_its_name_on_the_server(server: Server) -> None:
    said(loaded(server))
    assert server.asked[0]["model"] == "big-1"


def test_the_key_is_sent_and_in_no_representation(server: Server) -> None:
    backend = loaded(server, key="sk-secret")
    said(backend)
    assert server.keys == ["Bearer sk-secret"]
    assert "sk-secret" not in repr(ModelSource("m", Path(), key="sk-secret"))


def test_a_request_is_tried_again_while_nothing_was_shown(server: Server) -> None:
    server.fails_with = [503, 429]
    assert said(loaded(server)) == "one two three four"
    assert len(server.asked) == 3


def test_a_stream_that_breaks_after_text_is_not_begun_again(server: Server) -> None:
    server.cut_after = 2
    pieces: list[str] = []
    with pytest.raises(ModelUnavailable):
        loaded(server).generate(REQUEST, lambda piece: bool(pieces.append(piece)), owner="a")
    assert pieces == ["one", " two"]
    assert len(server.asked) == 1


def test_what_the_server_calls_wrong_is_the_callers_mistake_in_words_of_ours(server: Server) -> None:
    server.fails_with = [400]
    with pytest.raises(InvalidRequest, match="refused the request with status 400") as refused:
        said(loaded(server))
    # The server's own words may repeat the prompt.
    assert "not now" not in str(refused.value)


def test_a_refused_key_is_said_to_be_refused(server: Server) -> None:
    server.fails_with = [401]
    with pytest.raises(ModelUnavailable, match="refuses the key"):
        said(loaded(server))


def test_a_server_that_fails_again_and_again_is_left_alone_for_a_while(server: Server) -> None:
    backend = loaded(server)
    server.fails_with = [503] * (openai.FAILURES_TO_OPEN * openai.TRIES)
    for _ in range(openai.FAILURES_TO_OPEN):
        with pytest.raises(ModelUnavailable):
            said(backend)
    asked = len(server.asked)
    with pytest.raises(ModelUnavailable, match="tried again soon"):
        said(backend)
    assert len(server.asked) == asked


def test_a_server_that_is_not_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai, "PAUSE_SECONDS", 0.0)
    source = ModelSource("big", Path(os.devnull), server="http://127.0.0.1:9/v1", server_model="m", is_outside=True)
    with pytest.raises(ModelUnavailable, match="could not be reached"):
        said(registry.load("openai", source))


def test_whether_prompts_leave_is_what_the_source_says(server: Server) -> None:
    assert not loaded(server).is_local
    assert loaded(server, is_outside=False).is_local


def test_what_the_request_wishes_is_asked_of_the_server(server: Server) -> None:
    tool = {"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}
    call = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    request = GenerationRequest(
        messages=(
            Message("user", "one two"),
            Message("assistant", "", tool_calls=(call,)),
            Message("tool", "three", tool_call_id="call_1"),
        ),
        top_logprobs=2,
        response_format={"type": "json_object"},
        tools=(tool,),
        tool_choice="required",
    )
    said(loaded(server), request)
    asked = server.asked[0]
    assert (asked["logprobs"], asked["top_logprobs"], asked["tool_choice"]) == (True, 2, "required")
    assert (asked["tools"], asked["response_format"]) == ([tool], {"type": "json_object"})
    assert asked["messages"][1:] == [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "three", "tool_call_id": "call_1"},
    ]


def test_calls_and_probabilities_are_passed_on(server: Server) -> None:
    growing = [{"index": 0, "id": "call_1", "function": {"name": "find", "arguments": "{}"}}]
    near = [{"token": "one", "logprob": -0.1}, {"token": "two", "logprob": -3.0}]
    server.choices = [
        {
            "delta": {"content": "one"},
            "logprobs": {"content": [{"token": "one", "logprob": -0.1, "top_logprobs": near}]},
        },
        {"delta": {"tool_calls": growing}},
        {"delta": {}, "finish_reason": "tool_calls"},
    ]
    details: list[tuple[str, Any]] = []
    completion = loaded(server).generate(
        replace(REQUEST, top_logprobs=1),
        lambda _: False,
        owner="a",
        on_detail=lambda kind, rows: bool(details.append((kind, rows))),
    )
    one = {"token": "one", "logprob": -0.1, "bytes": [111, 110, 101]}
    assert details == [("logprobs", [{**one, "top_logprobs": [one]}]), ("tool_calls", growing)]
    assert completion.finish_reason == "tool_calls"


def test_probabilities_of_a_completion_have_the_form_of_a_chats(server: Server) -> None:
    server.choices = [
        {"text": "a", "logprobs": {"tokens": ["a"], "token_logprobs": [None], "top_logprobs": [{"a": -0.5}]}},
        {"text": "", "finish_reason": "stop"},
    ]
    rows: list[Any] = []
    loaded(server).generate(
        GenerationRequest(prompt="x", top_logprobs=1),
        lambda _: False,
        owner="a",
        on_detail=lambda _, found: bool(rows.extend(found)),
    )
    near = {"token": "a", "logprob": -0.5, "bytes": [97]}
    assert rows == [{"token": "a", "logprob": -9999.0, "bytes": [97], "top_logprobs": [near]}]
