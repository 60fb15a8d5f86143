"""Requests under /v1, read into what the model service takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from llmasos.api.openai import tools
from llmasos.api.openai.errors import RefusedError
from llmasos.api.openai.fields import Fields, checked_text, decoded, missing, out_of_range, unsupported, wrong_type
from llmasos.inference.types import GenerationRequest, Message

# OpenAI leaves a missing limit to the model's context; here an answer without one ends after this many tokens.
DEFAULT_MAX_TOKENS = 512
MOST_TOKENS = 32_768
MOST_STOPS = 8
MOST_MESSAGES = 1_000
MOST_INPUTS = 2_048
MOST_LOGPROBS = 20
MOST_COMPLETION_LOGPROBS = 5
DEADLINE_SECONDS = 120.0
_SEED_LIMIT = 2**63

# Fields about accounting and routing at OpenAI, which change nothing about an answer.
_WITHOUT_EFFECT = frozenset({"user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key"})
_GENERATION = frozenset(
    {"model", "stream", "stream_options", "max_tokens", "temperature", "top_p", "stop", "seed", "n"}
    | {"logprobs", "logit_bias", "presence_penalty", "frequency_penalty"}
    | _WITHOUT_EFFECT
)
_CHAT = _GENERATION | {
    *("messages", "max_completion_tokens", "top_logprobs", "response_format", "modalities"),
    *("tools", "tool_choice", "parallel_tool_calls", "functions", "function_call"),
}
_COMPLETION = _GENERATION | {"prompt", "echo", "suffix", "best_of"}
_EMBEDDING = frozenset({"model", "input", "encoding_format", "dimensions", "user"})
_RERANK = frozenset({"model", "query", "documents", "top_n", "return_documents", "user"})
_ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


@dataclass(frozen=True, slots=True)
class TextCall:
    """A chat or text completion: what to generate, and how to send it."""

    request: GenerationRequest
    stream: bool
    include_usage: bool


@dataclass(frozen=True, slots=True)
class EmbeddingCall:
    """Texts to embed. `dimensions` 0 keeps the model's own."""

    texts: tuple[str, ...]
    model: str
    base64: bool
    dimensions: int


@dataclass(frozen=True, slots=True)
class RerankCall:
    """Texts to rank for a query. `most` is how many to give back, best first."""

    query: str
    texts: tuple[str, ...]
    model: str
    most: int
    with_texts: bool


def chat_call(body: bytes) -> TextCall:
    """Read a body for /v1/chat/completions. Raises RefusedError."""
    fields = Fields(decoded(body))
    fields.refuse_unknown(_CHAT)
    if fields.get("modalities") not in (None, ["text"]):
        raise unsupported("modalities", _("Only text is offered."))
    call = _text_call(fields, messages=_messages(fields.get("messages")), prompt=None)
    offered = tools.tools(fields)
    request = replace(
        call.request,
        top_logprobs=_top_logprobs(fields),
        response_format=tools.response_format(fields),
        tools=offered,
        tool_choice=tools.tool_choice(fields, offered),
        parallel_tool_calls=fields.get("parallel_tool_calls") is None or fields.flag("parallel_tool_calls"),
    )
    return replace(call, request=request)


def completion_call(body: bytes) -> TextCall:
    """Read a body for /v1/completions. Raises RefusedError."""
    fields = Fields(decoded(body))
    fields.refuse_unknown(_COMPLETION)
    if fields.flag("echo"):
        raise unsupported("echo", _("Repeating the prompt is not offered."))
    if fields.text("suffix"):
        raise unsupported("suffix", _("Filling in before a suffix is not offered."))
    if fields.integer("best_of", 1, least=1, most=20) != 1:
        raise unsupported("best_of", _("Only one completion is made: best_of must be 1."))
    prompt = fields.get("prompt")
    if prompt is None:
        raise missing("prompt")
    if isinstance(prompt, list):
        if len(prompt) != 1 or not isinstance(prompt[0], str):
            raise unsupported(
                "prompt", _("prompt must be one string; token numbers and several prompts are not taken.")
            )
        prompt = prompt[0]
    call = _text_call(fields, messages=None, prompt=_not_blank(checked_text(prompt, "prompt"), "prompt"))
    if fields.get("logprobs") is None:
        return call
    most = fields.integer("logprobs", 0, least=0, most=MOST_COMPLETION_LOGPROBS)
    return replace(call, request=replace(call.request, top_logprobs=most))


def embedding_call(body: bytes) -> EmbeddingCall:
    """Read a body for /v1/embeddings. Raises RefusedError."""
    fields = Fields(decoded(body))
    fields.refuse_unknown(_EMBEDDING)
    encoding = fields.text("encoding_format", "float")
    if encoding not in {"float", "base64"}:
        raise RefusedError(_("encoding_format must be float or base64."), code="invalid_value", param="encoding_format")
    return EmbeddingCall(
        texts=_inputs(fields.get("input"), "input"),
        model=fields.text("model"),
        base64=encoding == "base64",
        dimensions=fields.integer("dimensions", 0, least=1, most=65_536),
    )


def rerank_call(body: bytes) -> RerankCall:
    """Read a body for /v1/rerank. Raises RefusedError."""
    fields = Fields(decoded(body))
    fields.refuse_unknown(_RERANK)
    documents = fields.get("documents")
    if isinstance(documents, list):
        documents = [document.get("text") if isinstance(document, dict) else document for document in documents]
    texts = _inputs(documents, "documents")
    if fields.get("query") is None:
        raise missing("query")
    with_texts = fields.get("return_documents")
    return RerankCall(
        query=_not_blank(fields.text("query"), "query"),
        texts=texts,
        model=fields.text("model"),
        most=fields.integer("top_n", len(texts), least=1, most=MOST_INPUTS),
        with_texts=with_texts is None or fields.flag("return_documents"),
    )


def _text_call(fields: Fields, *, messages: tuple[Message, ...] | None, prompt: str | None) -> TextCall:
    _refuse_unsupported(fields)
    stream = fields.flag("stream")
    limit = fields.integer("max_tokens", DEFAULT_MAX_TOKENS, least=1, most=MOST_TOKENS)
    top_p = fields.number("top_p", 1.0, least=0.0, most=1.0)
    seed = fields.integer("seed", 0, least=-_SEED_LIMIT, most=_SEED_LIMIT - 1)
    return TextCall(
        request=GenerationRequest(
            messages=messages,
            prompt=prompt,
            model=fields.text("model"),
            max_tokens=fields.integer("max_completion_tokens", limit, least=1, most=MOST_TOKENS),
            temperature=fields.number("temperature", 0.0, least=0.0, most=2.0),
            # Nothing is left to choose from at 0, which the sampler does not take.
            top_p=max(top_p, 1e-6),
            stop=_stops(fields.get("stop")),
            # The sampler's seed has 32 bits.
            seed=None if fields.get("seed") is None else seed % 2**32,
            deadline_seconds=DEADLINE_SECONDS,
        ),
        stream=stream,
        include_usage=_include_usage(fields, stream=stream),
    )


def _refuse_unsupported(fields: Fields) -> None:
    """Say no to what would change the answer and is not offered, rather than ignore it."""
    if fields.integer("n", 1, least=1, most=128) != 1:
        raise unsupported("n", _("Only one answer is made: n must be 1. Send the request again for another."))
    if fields.get("logit_bias"):
        raise unsupported("logit_bias", _("Biases of tokens are not offered."))
    for name in ("presence_penalty", "frequency_penalty"):
        if fields.number(name, 0.0, least=-2.0, most=2.0) != 0.0:
            raise unsupported(name, _("%(name)s is not offered: leave it out or send 0.") % {"name": name})


def _top_logprobs(fields: Fields) -> int | None:
    most = fields.integer("top_logprobs", 0, least=0, most=MOST_LOGPROBS)
    if fields.flag("logprobs"):
        return most
    if fields.get("top_logprobs") is not None:
        raise RefusedError(
            _("top_logprobs is only for requests with logprobs."), code="invalid_value", param="top_logprobs"
        )
    return None


def _include_usage(fields: Fields, *, stream: bool) -> bool:
    options = fields.get("stream_options")
    if options is None:
        return False
    if not isinstance(options, dict):
        raise wrong_type("stream_options", _("an object"))
    if not stream:
        raise RefusedError(
            _("stream_options is only for requests with stream."), code="invalid_value", param="stream_options"
        )
    return Fields(options).flag("include_usage")


def _messages(value: object) -> tuple[Message, ...]:
    if value is None:
        raise missing("messages")
    if not isinstance(value, list):
        raise wrong_type("messages", _("a list"))
    if not value:
        raise RefusedError(_("messages is empty: send at least one."), code="empty_array", param="messages")
    if len(value) > MOST_MESSAGES:
        raise out_of_range("messages", 1, MOST_MESSAGES)
    messages = tuple(_message(turn, f"messages[{number}]") for number, turn in enumerate(value))
    _check_answers(messages)
    if not any(message.content.strip() for message in messages):
        raise RefusedError(_("All messages are empty."), code="invalid_value", param="messages")
    return messages


def _check_answers(messages: Sequence[Message]) -> None:
    """Refuse a tool's turn that answers no call before it: a model's template could make nothing of it."""
    called: set[str] = set()
    for number, message in enumerate(messages):
        called |= {call["id"] for call in message.tool_calls}
        if message.role == "tool" and message.tool_call_id not in called:
            raise RefusedError(
                _("No call before messages[%(number)d] has its tool_call_id.") % {"number": number},
                code="invalid_value",
                param=f"messages[{number}].tool_call_id",
            )


def _message(turn: object, name: str) -> Message:
    if not isinstance(turn, dict):
        raise wrong_type(name, _("an object"))
    role = turn.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise RefusedError(
            _("%(name)s.role must be system, developer, user, assistant or tool.") % {"name": name},
            code="invalid_value",
            param=f"{name}.role",
        )
    calls = tools.tool_calls(turn.get("tool_calls"), f"{name}.tool_calls") if role == "assistant" else ()
    content = "" if calls and turn.get("content") is None else _content(turn.get("content"), f"{name}.content")
    answers = checked_text(turn.get("tool_call_id"), f"{name}.tool_call_id") if role == "tool" else ""
    return Message(role=_ROLES[role], content=content, tool_calls=calls, tool_call_id=answers)


def _content(value: object, name: str) -> str:
    """Join the text parts of a message; pictures and sound are refused."""
    if not isinstance(value, list):
        if value is None:
            raise missing(name)
        return checked_text(value, name)
    parts: list[str] = []
    for number, part in enumerate(value):
        part_name = f"{name}[{number}]"
        if not isinstance(part, dict):
            raise wrong_type(part_name, _("an object"))
        if part.get("type") != "text":
            raise unsupported(part_name, _("Only parts of the type text are taken."))
        parts.append(checked_text(part.get("text"), f"{part_name}.text"))
    return "".join(parts)


def _stops(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    stops = value if isinstance(value, list) else [value]
    if len(stops) > MOST_STOPS:
        raise RefusedError(
            _("At most %(most)d stop texts are taken.") % {"most": MOST_STOPS}, code="invalid_value", param="stop"
        )
    return tuple(text for text in (checked_text(stop, "stop") for stop in stops) if text)


def _inputs(value: object, name: str) -> tuple[str, ...]:
    if value is None:
        raise missing(name)
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        raise wrong_type(name, _("a string or a list of strings"))
    if not texts:
        raise RefusedError(
            _("%(name)s is empty: send at least one text.") % {"name": name}, code="empty_array", param=name
        )
    if len(texts) > MOST_INPUTS:
        raise RefusedError(
            _("At most %(most)d texts are taken at once.") % {"most": MOST_INPUTS}, code="invalid_value", param=name
        )
    if any(isinstance(text, int | list) for text in texts):
        raise unsupported(name, _("Token numbers are not taken: send the text itself."))
    return tuple(
        _not_blank(checked_text(text, f"{name}[{number}]"), f"{name}[{number}]") for number, text in enumerate(texts)
    )


def _not_blank(text: str, name: str) -> str:
    if not text.strip():
        raise RefusedError(_("%(name)s is empty.") % {"name": name}, code="invalid_value", param=name)
    return text
