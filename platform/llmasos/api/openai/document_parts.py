"""What requests and answers under /v1 hold, as the OpenAPI document says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmasos.api.openai.requests import (
    MOST_COMPLETION_LOGPROBS,
    MOST_INPUTS,
    MOST_LOGPROBS,
    MOST_MESSAGES,
    MOST_STOPS,
    MOST_TOKENS,
)
from llmasos.api.openai.tools import MOST_TOOLS

STREAM = {"type": "string", "description": "Events whose data are chunks as at OpenAI; the last one is [DONE]."}


def text(**more: Any) -> dict[str, Any]:
    return {"type": "string", **more}


def whole(**more: Any) -> dict[str, Any]:
    return {"type": "integer", **more}


def number(**more: Any) -> dict[str, Any]:
    return {"type": "number", **more}


def array(items: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties}
    return found | {"required": required.split()} if required else found


def _request(required: str, **properties: Any) -> dict[str, Any]:
    """An object without other fields; those that need not be sent may be null."""
    names = required.split()
    optional = {name: _or_null(schema) for name, schema in properties.items() if name not in names}
    needed = {name: schema for name, schema in properties.items() if name in names}
    return {
        "type": "object",
        "required": names,
        "properties": {**needed, **optional},
        "additionalProperties": False,
    }


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"allOf": [dict(schema)], "nullable": True}
    return {**schema, "nullable": True}


_ANY = {"type": "object", "additionalProperties": True}
_BOOLEAN = {"type": "boolean"}
_ONE_OR_MORE = {"oneOf": [text(), array(text(), maxItems=MOST_STOPS)]}
_SAMPLING = {
    "model": text(description="A name of /v1/models; the default for none."),
    "stream": _BOOLEAN,
    "stream_options": _object("", include_usage=_BOOLEAN),
    "max_tokens": whole(minimum=1, maximum=MOST_TOKENS),
    "temperature": number(minimum=0, maximum=2),
    "top_p": number(minimum=0, maximum=1),
    "stop": _ONE_OR_MORE,
    "seed": whole(minimum=-(2**63), maximum=2**63 - 1),
    "n": whole(minimum=1, maximum=1),
    "presence_penalty": number(minimum=0, maximum=0),
    "frequency_penalty": number(minimum=0, maximum=0),
    "user": text(),
    "store": _BOOLEAN,
    "metadata": _ANY,
    "service_tier": text(),
    "safety_identifier": text(),
    "prompt_cache_key": text(),
}
_FUNCTION_NAME = text(pattern="^[a-zA-Z0-9_-]{1,64}$")
_USAGE = _object("prompt_tokens total_tokens", prompt_tokens=whole(), completion_tokens=whole(), total_tokens=whole())
_TIMINGS = _object("queue_ms prefill_ms decode_ms", queue_ms=number(), prefill_ms=number(), decode_ms=number())
_TOKEN = {"token": text(), "logprob": number(), "bytes": _or_null(array(whole()))}
_CALL = _object(
    "id type function",
    id=text(),
    type=text(enum=["function"]),
    function=_object("name arguments", name=_FUNCTION_NAME, arguments=text()),
)
_PART = _object("type text", type=text(enum=["text"]), text=text())
_ANSWER = {
    "id": text(),
    "created": whole(),
    "model": text(),
    "system_fingerprint": _or_null(text()),
    "usage": _USAGE,
    "timings": _TIMINGS,
}

SCHEMAS: Mapping[str, Any] = {
    "OpenAIError": _object(
        "error",
        error=_object(
            "message type param code", message=text(), type=text(), param=_or_null(text()), code=_or_null(text())
        ),
    ),
    "ChatMessage": _object(
        "role",
        role=text(enum=["system", "developer", "user", "assistant", "tool"]),
        content={"oneOf": [text(), array(_PART)], "nullable": True},
        name=text(),
        tool_calls=array(_CALL),
        tool_call_id=text(),
    ),
    "ResponseFormat": _object(
        "type",
        type=text(enum=["text", "json_object", "json_schema"]),
        json_schema=_object("name schema", name=_FUNCTION_NAME, schema=_ANY, strict=_or_null(_BOOLEAN)),
    ),
    "Tool": _object(
        "type function",
        type=text(enum=["function"]),
        function=_request("name", name=_FUNCTION_NAME, description=text(), parameters=_ANY, strict=_BOOLEAN),
    ),
    "ChatRequest": _request(
        "messages",
        messages=array(of("ChatMessage"), minItems=1, maxItems=MOST_MESSAGES),
        max_completion_tokens=whole(minimum=1, maximum=MOST_TOKENS),
        logprobs=_BOOLEAN,
        top_logprobs=whole(minimum=0, maximum=MOST_LOGPROBS, description="Only with logprobs."),
        response_format=of("ResponseFormat"),
        tools=array(of("Tool"), maxItems=MOST_TOOLS),
        tool_choice={
            "oneOf": [
                text(enum=["none", "auto", "required"]),
                _object(
                    "type function",
                    type=text(enum=["function"]),
                    function=_object("name", name=_FUNCTION_NAME),
                ),
            ]
        },
        parallel_tool_calls=_BOOLEAN,
        modalities=array(text(enum=["text"]), minItems=1, maxItems=1),
        **_SAMPLING,
    ),
    "CompletionRequest": _request(
        "prompt",
        prompt={"oneOf": [text(minLength=1), array(text(minLength=1), minItems=1, maxItems=1)]},
        logprobs=whole(minimum=0, maximum=MOST_COMPLETION_LOGPROBS),
        best_of=whole(minimum=1, maximum=1),
        **_SAMPLING,
    ),
    "EmbeddingRequest": _request(
        "input",
        input={"oneOf": [text(minLength=1), array(text(minLength=1), minItems=1, maxItems=MOST_INPUTS)]},
        model=text(),
        encoding_format=text(enum=["float", "base64"]),
        dimensions=whole(minimum=1, maximum=65_536),
        user=text(),
    ),
    "RerankRequest": _request(
        "query documents",
        query=text(minLength=1),
        documents=array(
            {"oneOf": [text(minLength=1), _object("text", text=text(minLength=1))]}, minItems=1, maxItems=MOST_INPUTS
        ),
        model=text(),
        top_n=whole(minimum=1, maximum=MOST_INPUTS),
        return_documents=_BOOLEAN,
        user=text(),
    ),
    "TokenLogprobs": _object(
        "content",
        content=array(
            _object("token logprob top_logprobs", **_TOKEN, top_logprobs=array(_object("token logprob", **_TOKEN)))
        ),
    ),
    "ChatCompletion": _object(
        "id object created model choices usage",
        **_ANSWER,
        object=text(enum=["chat.completion"]),
        choices=array(
            _object(
                "index message finish_reason",
                index=whole(),
                message=_object(
                    "role content",
                    role=text(enum=["assistant"]),
                    content=_or_null(text()),
                    refusal=_or_null(text()),
                    tool_calls=array(_CALL),
                ),
                logprobs=_or_null(of("TokenLogprobs")),
                finish_reason=text(enum=["stop", "length", "tool_calls"]),
            )
        ),
    ),
    "Completion": _object(
        "id object created model choices usage",
        **_ANSWER,
        object=text(enum=["text_completion"]),
        choices=array(
            _object(
                "index text finish_reason",
                index=whole(),
                text=text(),
                logprobs=_or_null(
                    _object(
                        "tokens token_logprobs top_logprobs text_offset",
                        tokens=array(text()),
                        token_logprobs=array(number()),
                        top_logprobs=array(_ANY),
                        text_offset=array(whole()),
                    )
                ),
                finish_reason=text(enum=["stop", "length"]),
            )
        ),
    ),
    "Cancelled": _object("id object cancelled", id=text(), object=text(), cancelled=_BOOLEAN),
    "EmbeddingList": _object(
        "object data model usage",
        object=text(enum=["list"]),
        data=array(
            _object(
                "object index embedding",
                object=text(enum=["embedding"]),
                index=whole(),
                embedding={"oneOf": [array(number()), text()]},
            )
        ),
        model=text(),
        usage=_USAGE,
    ),
    "Ranking": _object(
        "id object model results usage",
        id=text(),
        object=text(enum=["list"]),
        model=text(),
        results=array(
            _object(
                "index relevance_score",
                index=whole(),
                relevance_score=number(),
                document=_object("text", text=text()),
            )
        ),
        usage=_USAGE,
    ),
    "Model": _object(
        "id object created owned_by task default loaded",
        id=text(),
        object=text(enum=["model"]),
        created=whole(),
        owned_by=text(),
        task=text(),
        default=_BOOLEAN,
        loaded=_BOOLEAN,
        context_tokens=_or_null(whole()),
        dimensions=_or_null(whole()),
        digest=_or_null(text()),
    ),
    "ModelList": _object("object data", object=text(enum=["list"]), data=array(of("Model"))),
}
