"""What of a request travels to the worker, what is checked before, and what the log keeps of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from llmasos.inference.errors import InvalidRequest
from llmasos.inference.types import GenerationRequest, Message

MAX_TEXTS = 2048
MAX_CHARACTERS = 2_000_000
MAX_DEADLINE_SECONDS = 900.0
ROLES = frozenset({"system", "user", "assistant"})


def check_request(request: GenerationRequest) -> None:
    """Raises InvalidRequest for a request that no model could serve."""
    if (request.messages is None) == (request.prompt is None):
        raise InvalidRequest("give either messages or a prompt")
    if request.messages is not None:
        if not request.messages:
            raise InvalidRequest("there is no message")
        for message in request.messages:
            if message.role not in ROLES:
                raise InvalidRequest("a message's role is system, user or assistant")
    if request.prompt is not None and not request.prompt.strip():
        raise InvalidRequest("the prompt is empty")
    if sum(map(len, _texts(request))) > MAX_CHARACTERS:
        raise InvalidRequest("the request is too long")
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
    return [request.prompt or "", *(message.content for message in request.messages or ())]


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
    messages = payload.get("messages")
    return GenerationRequest(
        messages=None if messages is None else tuple(Message(role, content) for role, content in messages),
        prompt=payload.get("prompt"),
        model=payload.get("model", ""),
        max_tokens=int(payload["max_tokens"]),
        temperature=float(payload["temperature"]),
        top_p=float(payload["top_p"]),
        stop=tuple(payload.get("stop", ())),
        seed=payload.get("seed"),
    )


def payload_of(request: GenerationRequest) -> dict[str, Any]:
    """What of a request goes into a run's input."""
    return {
        "messages": (
            None if request.messages is None else [(message.role, message.content) for message in request.messages]
        ),
        "prompt": request.prompt,
        "model": request.model,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop),
        "seed": request.seed,
    }


def prompt_digest(payload: dict[str, Any]) -> str:
    """SHA-256 over the prompt or the messages, as the audit entry keeps it."""
    asked = payload["prompt"] if payload.get("prompt") is not None else payload.get("messages")
    return hashlib.sha256(json.dumps(asked, separators=(",", ":")).encode()).hexdigest()


def texts_digest(texts: Sequence[str]) -> str:
    """SHA-256 over the texts, as the audit entry keeps it."""
    return hashlib.sha256(json.dumps(list(texts), separators=(",", ":")).encode()).hexdigest()
