"""Tool calls, JSON and probabilities, with the official `openai` package and by raw events."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import openai
import pytest

from tests.live import LiveServer

SAY: Any = [{"role": "user", "content": "one two three"}]
TOOL: Any = {"type": "function", "function": {"name": "note", "parameters": {"type": "object", "properties": {}}}}
CALLED = '{"text": "one two three"}'


def test_a_tool_is_called_and_its_answer_read(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="", messages=SAY, tools=[TOOL])
    (choice,) = reply.choices
    assert choice.message.tool_calls is not None
    call: Any = choice.message.tool_calls[0]
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)
    assert (call.function.name, call.function.arguments) == ("note", CALLED)
    turns: Any = [*SAY, choice.message, {"role": "tool", "tool_call_id": call.id, "content": "noted"}]
    assert client.chat.completions.create(model="", messages=turns, tools=[TOOL]).choices[0].message.content == "noted"


def test_calls_grow_in_a_stream_as_the_client_expects(client: openai.OpenAI) -> None:
    choice: Any = {"type": "function", "function": {"name": "note"}}
    with client.chat.completions.stream(model="", messages=SAY, tools=[TOOL], tool_choice=choice) as stream:
        message = stream.get_final_completion().choices[0].message
    assert message.tool_calls is not None
    assert message.tool_calls[0].function.arguments == CALLED


def test_no_tool_is_called_where_none_may_be(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="", messages=SAY, tools=[TOOL], tool_choice="none")
    assert (reply.choices[0].message.content, reply.choices[0].message.tool_calls) == ("one two three", None)


def test_events_of_a_call_name_it_once(http: httpx.Client) -> None:
    response = http.post("/v1/chat/completions", json={"messages": SAY, "tools": [TOOL], "stream": True})
    bodies = [json.loads(line[6:]) for line in response.text.split("\n\n") if line.startswith("data: {")]
    deltas = [body["choices"][0]["delta"] for body in bodies]
    first, *others = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert first | {"id": ""} == {
        "index": 0, "id": "", "type": "function", "function": {"name": "note", "arguments": ""},
    }  # fmt: skip
    assert first["id"]
    assert "".join(call["function"]["arguments"] for call in others) == CALLED
    assert all("name" not in call["function"] for call in others)
    assert bodies[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_json_is_answered_where_it_is_asked_for(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="", messages=SAY, response_format={"type": "json_object"})
    assert json.loads(reply.choices[0].message.content or "") == {"text": "one two three"}


def test_a_form_that_the_model_cannot_keep_to_is_refused(client: openai.OpenAI) -> None:
    form: Any = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="", messages=SAY, response_format=form)


def test_tokens_come_with_their_probability(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="", messages=SAY, logprobs=True, top_logprobs=2)
    assert reply.choices[0].logprobs is not None
    rows = reply.choices[0].logprobs.content or []
    assert [(row.token, row.logprob, len(row.top_logprobs)) for row in rows] == [
        ("one", 0.0, 1), (" two", 0.0, 1), (" three", 0.0, 1),
    ]  # fmt: skip
    chunks = client.chat.completions.create(model="", messages=SAY, logprobs=True, stream=True)
    streamed = [row.token for chunk in chunks if (found := chunk.choices[0].logprobs) for row in found.content or ()]
    assert streamed == ["one", " two", " three"]


def test_tokens_of_a_completion_have_their_places(client: openai.OpenAI) -> None:
    found = client.completions.create(model="", prompt="one two", logprobs=1).choices[0].logprobs
    assert found is not None
    assert (found.tokens, found.token_logprobs, found.text_offset) == (["one", " two"], [0.0, 0.0], [0, 3])
    assert found.top_logprobs == [{"one": 0.0}, {" two": 0.0}]


def test_the_asynchronous_client_gets_the_same(live: LiveServer) -> None:
    async def run() -> tuple[str, str]:
        async with openai.AsyncOpenAI(base_url=f"{live.url}/v1", api_key=live.key, max_retries=0) as official:
            whole = await official.chat.completions.create(model="", messages=SAY, tools=[TOOL])
            call: Any = (whole.choices[0].message.tool_calls or [])[0]
            async with official.chat.completions.stream(model="", messages=SAY, tools=[TOOL]) as stream:
                message = (await stream.get_final_completion()).choices[0].message
            return call.function.arguments, (message.tool_calls or [])[0].function.arguments

    assert asyncio.run(run()) == (CALLED, CALLED)
