"""Tool calls by models whose template knows none: the tools are described, and a grammar keeps the answer to a choice.

The model answers with one object: either a tool with its arguments, or a text where it need not call one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llmasos.inference.backends.base import Completion, OnDetail, OnText
from llmasos.inference.errors import InvalidRequest
from llmasos.inference.types import GenerationRequest, Message

_TOLD = """You can call these tools:
{tools}
Answer with one JSON object. To call a tool: {{"tool": its name, "arguments": its arguments}}.{otherwise}"""
_OTHERWISE = ' Else: {"answer": what you say}.'
_ANYTHING = {"type": "object"}


def speaks_of_tools(request: GenerationRequest) -> bool:
    """Whether a request offers tools, or has turns that calls and answers make."""
    return bool(request.tools) or any(turn.tool_calls or turn.tool_call_id for turn in request.messages or ())


def may_call(request: GenerationRequest) -> bool:
    """Whether the answer may be a call."""
    return bool(request.tools) and request.tool_choice != "none"


def described(request: GenerationRequest) -> GenerationRequest:
    """Return a request without tools that a model without them can answer. Raises InvalidRequest."""
    turns = _turns(request.messages or ())
    if not may_call(request):
        return replace(request, messages=tuple(turns), tools=())
    if request.top_logprobs is not None:
        raise InvalidRequest("this model does not offer logprobs together with tools")
    chosen = _chosen(request)
    told = _TOLD.format(
        tools="\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in chosen),
        otherwise=_OTHERWISE if request.tool_choice == "auto" else "",
    )
    if turns and turns[0].role == "system":
        turns[0] = replace(turns[0], content=f"{turns[0].content}\n\n{told}")
    else:
        turns.insert(0, Message("system", told))
    choices = [
        _object(tool={"const": tool["function"]["name"]}, arguments=tool["function"].get("parameters") or _ANYTHING)
        for tool in chosen
    ]
    if request.tool_choice == "auto":
        choices.append(_object(answer=_answer(request)))
    form = {"type": "json_schema", "json_schema": {"name": "choice", "schema": {"anyOf": choices}}}
    return replace(request, messages=tuple(turns), tools=(), response_format=form, stop=())


def _chosen(request: GenerationRequest) -> list[Mapping[str, Any]]:
    if isinstance(request.tool_choice, str):
        return list(request.tools)
    name = request.tool_choice["function"]["name"]
    return [tool for tool in request.tools if tool["function"]["name"] == name]


def _answer(request: GenerationRequest) -> Mapping[str, Any]:
    """Return the schema of an answer in words, or in the form that is wanted."""
    if request.response_format is None:
        return {"type": "string"}
    schema: Mapping[str, Any] = request.response_format.get("json_schema", {}).get("schema", _ANYTHING)
    return schema


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _turns(messages: Sequence[Message]) -> list[Message]:
    """Return a conversation in words that any template has."""
    names = {call["id"]: call["function"]["name"] for message in messages for call in message.tool_calls}
    turns: list[Message] = []
    for message in messages:
        if message.tool_call_id:
            turns.append(Message("user", f"{names.get(message.tool_call_id, '')} answers: {message.content}"))
            continue
        parts = [message.content] if message.content or not message.tool_calls else []
        for call in message.tool_calls:
            function = call["function"]
            parts.append(f'{{"tool": "{function["name"]}", "arguments": {function["arguments"]}}}')
        turns.append(Message(message.role, "\n".join(parts)))
    return turns


@dataclass(slots=True)
class Choice:
    """Hears the object that a model writes, and passes on what it stands for once it is whole."""

    request: GenerationRequest
    on_text: OnText
    on_detail: OnDetail
    text: str = ""
    pieces: int = 0

    def take(self, piece: str) -> bool:
        """Take a piece of the object; True when no more is wanted."""
        self.text += piece
        self.pieces += 1
        self.on_detail("counted", [{"completion_tokens": self.pieces}])
        return self.on_text("")

    def end(self, completion: Completion) -> Completion:
        """Pass the call or the answer on; half of an object, where the limit was reached, as the text that it is."""
        if completion.finish_reason == "cancelled":
            return completion
        try:
            found = json.loads(self.text)
        except ValueError:
            self.on_text(self.text)
            return completion
        if "tool" in found:
            function = {"name": found["tool"], "arguments": json.dumps(found["arguments"], ensure_ascii=False)}
            call = {"index": 0, "id": f"call_{secrets.token_hex(8)}", "type": "function", "function": function}
            self.on_detail("tool_calls", [call])
            return replace(completion, finish_reason="tool_calls")
        answer = found["answer"]
        said = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        ends = [said.index(stop) for stop in self.request.stop if stop in said]
        said = said[: min(ends)] if ends else said
        if said:
            self.on_text(said)
        return completion
