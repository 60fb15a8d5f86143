"""The addresses under /v1 in the OpenAPI document, beside those of the platform's own API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmasos.api.openai.document_parts import SCHEMAS, STREAM, of, text, whole

_IDEMPOTENCY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": text(maxLength=200),
    "description": "A name of your own for this request. Sent again with it, the same request finds the same answer, "
    "for a quarter of an hour; the events of a stream then have ids.",
}
_LAST_EVENT = {
    "in": "header",
    "name": "Last-Event-ID",
    "schema": {"type": "string", "pattern": "^[0-9]{1,9}$"},
    "description": "The id of the last event that arrived of a stream that was asked for with an Idempotency-Key.",
}
_ERRORS = {
    "400": "The request is wrong: `param` names the field.",
    "401": "There is no key, or it is not valid.",
    "403": "The key lacks the scope.",
    "404": "There is no such model or address.",
    "405": "The address takes another method.",
    "409": "The idempotency key came with another request, or the request was cancelled.",
    "410": "What the idempotency key stands for is no longer kept.",
    "413": "The request is too large.",
    "429": "Too much at once: wait for as long as Retry-After says.",
    "500": "The model failed on this request.",
    "503": "The model is not available: wait for as long as Retry-After says.",
}


def add_openai_paths(result: dict[str, Any], **_context: object) -> dict[str, Any]:
    """Add the addresses under /v1 to the document that drf-spectacular makes of the platform's API."""
    result["paths"] = {**result["paths"], **_paths()}
    result["components"]["schemas"] |= SCHEMAS
    return result


def _paths() -> dict[str, Any]:
    kept = [_IDEMPOTENCY, _LAST_EVENT]
    return {
        "/v1/chat/completions": {
            "post": _operation(
                "chat_completion",
                "Answer a conversation.",
                "ChatRequest",
                "ChatCompletion",
                streams=True,
                parameters=kept,
            )
        },
        "/v1/chat/completions/{id}/cancel": {
            "post": _operation(
                "chat_cancel",
                "Stop the answer that is written under this id; its request had an Idempotency-Key.",
                None,
                "Cancelled",
                parameters=[{"in": "path", "name": "id", "required": True, "schema": text(pattern="^[^/]+$")}],
            )
        },
        "/v1/completions": {
            "post": _operation(
                "completion", "Continue a text.", "CompletionRequest", "Completion", streams=True, parameters=kept
            )
        },
        "/v1/embeddings": {
            "post": _operation("embedding", "Return a vector for each text.", "EmbeddingRequest", "EmbeddingList")
        },
        "/v1/rerank": {
            "post": _operation("rerank", "Say how well each text fits a query.", "RerankRequest", "Ranking")
        },
        "/v1/models": {"get": _operation("models", "List the models.", None, "ModelList")},
        "/v1/models/{name}": {
            "get": _operation(
                "model",
                "Show one model.",
                None,
                "Model",
                parameters=[{"in": "path", "name": "name", "required": True, "schema": text(minLength=1)}],
            )
        },
    }


def _operation(
    name: str,
    summary: str,
    body: str | None,
    answer: str,
    *,
    streams: bool = False,
    parameters: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": of(answer)}}
    if streams:
        content["text/event-stream"] = {"schema": STREAM}
    operation: dict[str, Any] = {
        "operationId": f"openai_{name}",
        "summary": summary.rstrip("."),
        "description": summary,
        "tags": ["openai"],
        "security": [{"apiKey": []}],
        "responses": {
            "200": {"content": content, "description": ""},
            **{status: _error(status, description) for status, description in _ERRORS.items()},
        },
    }
    if parameters:
        operation["parameters"] = list(parameters)
    if body:
        operation["requestBody"] = {"content": {"application/json": {"schema": of(body)}}, "required": True}
    return operation


def _error(status: str, description: str) -> dict[str, Any]:
    error: dict[str, Any] = {
        "content": {"application/json": {"schema": of("OpenAIError")}},
        "description": description,
    }
    if status in ("429", "503"):
        error["headers"] = {"Retry-After": {"schema": whole(minimum=1), "description": "Seconds to wait."}}
    return error
