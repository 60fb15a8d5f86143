"""What of a request travels to the worker, what is checked before, and what the log keeps of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from llmasos.inference.errors import InvalidRequest, TooLong
from llmasos.inference.types import GenerationRequest, Message

MAX_TEXTS = 2048
MAX_CHARACTERS = 2_000_000
MAX_DEADLINE_SECONDS = 900.0
ROLES = frozenset({"system", "user", "assistant", "tool"})


def check_request(request: GenerationRequest) -> None:
    """Raises InvalidRequest for a request that no model could serve."""
    if (request.messages is None) == (request.prompt is None):
        raise InvalidRequest("give either messages or a prompt")
    if request.messages is not None:
        if not request.messages:
            raise InvalidRequest("there is no message")
        for message in request.messages:
            if message.role not in ROLES:
                raise InvalidRequest("a message's role is system, user, assistant or tool")
    if request.prompt is not None and not request.prompt.strip():
        raise InvalidRequest("the prompt is empty")
    if sum(map(len, _texts(request))) > MAX_CHARACTERS:
        raise TooLong(f"the request has more than {MAX_CHARACTERS} characters")
    if not 1 <= request.max_tokens <= 32_768:
        raise InvalidRequest("max_tokens is from 1 to 32768")
    if not 0.0 <= request.temperature <= 2.0 or not 0.0 < request.top_p <= 1.0:
        raise InvalidRequest("temperature is from 0 to 2, top_p above 0 and at most 1")
    check_deadline(request.deadline_seconds)


def check_texts(texts: Sequence[str]) -> None:
    """Raises InvalidRequest for texts that cannot be embedded in one request."""
    if not texts:
        raise InvalidRequest("there is no text")
    if len(texts) > MAX_TEXTS:
        raise InvalidRequest(f"at most {MAX_TEXTS} texts a request")
    if sum(len(text) for text in texts) > MAX_CHARACTERS:
        raise InvalidRequest("the texts are too long")


def check_deadline(seconds: float) -> None:
    """Raises InvalidRequest outside of what a sealed input lives."""
    if not 0.0 < seconds <= MAX_DEADLINE_SECONDS:
        raise InvalidRequest(f"a deadline is above 0 and at most {MAX_DEADLINE_SECONDS:.0f} seconds")


def size_of(request: GenerationRequest) -> int:
    """About how many tokens the prompt has."""
    return tokens_in(_texts(request))


def _texts(request: GenerationRequest) -> list[str]:
    texts = [request.prompt or "", *(message.content for message in request.messages or ())]
    calls = [message.tool_calls for message in request.messages or () if message.tool_calls]
    beside = [part for part in (calls, request.tools, request.response_format) if part]
    return [*texts, json.dumps(beside)] if beside else texts


def tokens_in(texts: Iterable[str]) -> int:
    """About how many tokens texts have: one for four letters of an alphabet, one for each character of others."""
    characters = encoded = 0
    for text in texts:
        characters += len(text)
        encoded += len(text.encode(errors="replace"))
    # Characters outside of ASCII take two to four bytes.
    return (characters + 3 * (encoded - characters) // 2) // 4 + 1


def request_of(payload: dict[str, Any]) -> GenerationRequest:
    """The request inside a run's input."""
    messages, wishes = payload.get("messages"), payload.get("wishes", {})
    return GenerationRequest(
        messages=None if messages is None else tuple(_message(*turn) for turn in messages),
        prompt=payload.get("prompt"),
        model=payload.get("model", ""),
        max_tokens=int(payload["max_tokens"]),
        temperature=float(payload["temperature"]),
        top_p=float(payload["top_p"]),
        stop=tuple(payload.get("stop", ())),
        seed=payload.get("seed"),
        top_logprobs=wishes.get("top_logprobs"),
        response_format=wishes.get("response_format"),
        tools=tuple(wishes.get("tools", ())),
        tool_choice=wishes.get("tool_choice", "auto"),
        parallel_tool_calls=bool(wishes.get("parallel_tool_calls", True)),
    )


def _message(role: str, content: str, tool_calls: Sequence[Mapping[str, Any]] = (), tool_call_id: str = "") -> Message:
    return Message(role, content, tuple(tool_calls), tool_call_id)


def payload_of(request: GenerationRequest) -> dict[str, Any]:
    """What of a request goes into a run's input."""
    wishes: dict[str, Any] = {}
    if request.top_logprobs is not None:
        wishes["top_logprobs"] = request.top_logprobs
    if request.response_format is not None:
        wishes["response_format"] = dict(request.response_format)
    if request.tools:
        wishes |= {
            "tools": list(request.tools),
            "tool_choice": request.tool_choice,
            "parallel_tool_calls": request.parallel_tool_calls,
        }
    payload = {
        "messages": None if request.messages is None else [_turn(message) for message in request.messages],
        "prompt": request.prompt,
        "model": request.model,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop),
        "seed": request.seed,
    }
    return payload | {"wishes": wishes} if wishes else payload


def _turn(message: Message) -> list[Any]:
    turn: list[Any] = [message.role, message.content]
    if message.tool_calls or message.tool_call_id:
        turn += [list(message.tool_calls), message.tool_call_id]
    return turn


def prompt_digest(payload: dict[str, Any]) -> str:
    """SHA-256 over the prompt or the messages, and tools and form where set, as the audit entry keeps it."""
    asked = payload["prompt"] if payload.get("prompt") is not None else payload.get("messages")
    if payload.get("wishes"):
        asked = [asked, payload["wishes"]]
    return hashlib.sha256(json.dumps(asked, separators=(",", ":")).encode()).hexdigest()


def texts_digest(texts: Sequence[str]) -> str:
    """SHA-256 over the texts, as the audit entry keeps it."""
    return hashlib.sha256(json.dumps(list(texts), separators=(",", ":")).encode()).hexdigest()
