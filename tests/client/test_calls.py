from __future__ import annotations

import base64
import struct
import time
from typing import Any

import httpx
import pytest

from llmasos import (
    APIStatusError,
    AuthenticationError,
    ChatReply,
    ConflictError,
    ConnectionFailedError,
    InvalidRequestError,
    Message,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RequestTimeoutError,
    ServerError,
    UnavailableError,
    UnexpectedReplyError,
    Usage,
)
from tests.client.servers import Script, call, client, completion, failure

both = pytest.mark.parametrize("kind", ["blocking", "asynchronous"])


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses between attempts instead of sleeping."""
    recorded: list[float] = []

    async def record(seconds: float) -> None:
        recorded.append(seconds)

    monkeypatch.setattr(time, "sleep", recorded.append)
    monkeypatch.setattr("llmasos.client.asynchronous.asyncio.sleep", record)
    return recorded


@both
def test_prompt_travels_as_one_user_turn(kind: str) -> None:
    script = Script(completion("Red."))
    assert call(kind, script, lambda it: it.generate_text("A colour?", seed=4, stop=("x",))) == "Red."
    assert script.requests[0].url.path == "/v1/chat/completions"
    assert script.requests[0].headers["Authorization"] == "Bearer sk-test"
    assert script.body() == {
        "messages": [{"role": "user", "content": "A colour?"}],
        "max_tokens": 256,
        "seed": 4,
        "stop": ["x"],
    }


@both
def test_raw_prompt_is_continued_as_given(kind: str) -> None:
    script = Script(
        httpx.Response(
            200, json={"id": "1", "model": "echo", "choices": [{"text": " time", "finish_reason": "length"}]}
        )
    )
    assert call(kind, script, lambda it: it.generate_text("Once upon a", raw=True)) == " time"
    assert script.requests[0].url.path == "/v1/completions"


@both
def test_chat_reply_is_typed(kind: str) -> None:
    turns = [Message("system", "Be short."), {"role": "user", "content": "Hi"}]
    script = Script(completion("Hello"))
    reply = call(kind, script, lambda it: it.chat(turns))
    assert reply == ChatReply(
        text="Hello",
        model="echo",
        finish_reason="stop",
        usage=Usage(prompt_tokens=3, completion_tokens=1, queue_ms=0.5, prefill_ms=2.0, decode_ms=9.0),
        id="chatcmpl-1",
    )
    assert reply.usage.total_tokens == 4
    assert [turn["role"] for turn in script.body()["messages"]] == ["system", "user"]


def embedding_answer(*vectors: tuple[float, ...]) -> httpx.Response:
    rows = [
        {"index": number, "embedding": base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()}
        for number, vector in enumerate(vectors)
    ]
    body = {"data": rows[::-1], "model": "mini", "usage": {"prompt_tokens": len(vectors)}}
    return httpx.Response(200, json=body)


@both
def test_embeddings_keep_the_order_of_the_texts(kind: str) -> None:
    script = Script(embedding_answer((1.0, 0.0), (0.0, 1.0)))
    result = call(kind, script, lambda it: it.embed(["a", "b"]))
    assert list(result) == [(1.0, 0.0), (0.0, 1.0)]
    assert (len(result), result.dimensions, result.usage.prompt_tokens) == (2, 2, 2)


@both
def test_long_lists_of_texts_travel_in_batches(kind: str) -> None:
    script = Script(
        embedding_answer(*[(1.0, 0.0)] * 256),
        embedding_answer((0.0, 1.0)),
    )
    result = call(kind, script, lambda it: it.embed(str(number) for number in range(257)))
    assert len(result) == 257
    assert result[-1] == (0.0, 1.0)
    assert result.usage.prompt_tokens == 257


@both
def test_search_names_collections_and_returns_hits(kind: str) -> None:
    hit = {
        "title": "Returns",
        "text": "Within 30 days.",
        "url": "https://shop/returns",
        "score": 0.9,
        "heading_path": ["Orders"],
        "external_id": "returns",
        "document_id": "d",
        "chunk_id": "c",
        "collection": "handbook",
        "dense": 0.8,
        "lexical": None,
    }
    script = Script(httpx.Response(200, json={"hits": [hit]}))
    hits = call(kind, script, lambda it: it.search("money back?", collection="handbook", k=3))
    assert script.body() == {"query": "money back?", "collections": ["handbook"], "k": 3}
    assert (hits[0].title, hits[0].heading_path, hits[0].lexical) == ("Returns", ("Orders",), None)


@both
def test_texts_are_ranked(kind: str) -> None:
    rows = [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.2}]
    script = Script(httpx.Response(200, json={"model": "ranker", "results": rows}))
    ranked = call(kind, script, lambda it: it.rerank("lid?", ["cats", "the lid"], top_n=2))
    assert [(one.index, one.score, one.text) for one in ranked] == [(1, 0.9, "the lid"), (0, 0.2, "cats")]
    assert script.body() == {"query": "lid?", "documents": ["cats", "the lid"], "top_n": 2, "return_documents": False}


@both
def test_models_are_listed(kind: str) -> None:
    row = {"id": "echo", "object": "model", "created": 1, "owned_by": "llmasos", "task": "generate", "x": 2}
    models = call(kind, Script(httpx.Response(200, json={"data": [row]})), lambda it: it.models())
    assert (models[0].id, models[0].task, models[0].details) == ("echo", "generate", {"x": 2})


@both
def test_lost_connection_is_tried_again_with_the_same_key(kind: str, pauses: list[float]) -> None:
    script = Script(httpx.ConnectError("refused"), failure(503), completion("Back"))
    assert call(kind, script, lambda it: it.generate_text("Hi")) == "Back"
    keys = {request.headers["Idempotency-Key"] for request in script.requests}
    assert (len(script.requests), len(keys)) == (3, 1)
    assert pauses[0] < pauses[1]


@both
def test_asked_pause_is_kept(kind: str, pauses: list[float]) -> None:
    script = Script(failure(429, headers={"Retry-After": "7"}), completion())
    call(kind, script, lambda it: it.generate_text("Hi"))
    assert pauses == [7.0]


@both
def test_too_long_a_pause_is_the_callers_to_decide(kind: str, pauses: list[float]) -> None:
    script = Script(failure(429, headers={"Retry-After": "3600"}))
    with pytest.raises(RateLimitError) as caught:
        call(kind, script, lambda it: it.generate_text("Hi"))
    assert caught.value.retry_after == 3600
    assert pauses == []


@both
def test_attempts_are_bounded(kind: str) -> None:
    script = Script(*[httpx.ConnectError("refused")] * 2)
    with pytest.raises(ConnectionFailedError, match="make up"):
        call(kind, script, lambda it: it.generate_text("Hi"), max_retries=1)
    assert script.answers == []


@both
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, InvalidRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (413, InvalidRequestError),
        (418, APIStatusError),
        (429, RateLimitError),
        (500, ServerError),
        (503, UnavailableError),
    ],
)
def test_status_becomes_its_own_error(kind: str, status: int, error: type[APIStatusError]) -> None:
    script = Script(failure(status, param="model", headers={"X-Request-Id": "r-1"}))
    with pytest.raises(error) as caught:
        call(kind, script, lambda it: it.generate_text("Hi"), max_retries=0)
    assert type(caught.value) is error
    assert (caught.value.code, caught.value.param, caught.value.request_id) == ("nope", "model", "r-1")
    assert str(caught.value) == f"No. (field: model) [{status}, nope] request r-1"


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([("query", "Write a question.")], "Write a question. (field: query) [400]"),
        ([("query", "Too long."), ("k", "Too many.")], "query: Too long. k: Too many. (field: query) [400]"),
    ],
)
def test_what_is_wrong_with_fields_is_said(faults: list[tuple[str, str]], said: str) -> None:
    problem = {
        "detail": "Some fields are not right: see errors.",
        "param": "query",
        "errors": [{"field": field, "message": message, "code": "invalid"} for field, message in faults],
    }
    with pytest.raises(InvalidRequestError) as raised:
        call("blocking", Script(httpx.Response(400, json=problem)), lambda it: it.search("q"))
    assert str(raised.value) == said


@both
def test_problem_document_is_understood(kind: str) -> None:
    problem: dict[str, Any] = {"type": "about:blank", "title": "Not found", "detail": "No collection x."}
    with pytest.raises(NotFoundError, match=r"No collection x\."):
        call(kind, Script(httpx.Response(404, json=problem)), lambda it: it.search("q"))


@both
def test_time_out_is_told_from_a_refused_connection(kind: str) -> None:
    with pytest.raises(RequestTimeoutError, match="longer timeout"):
        call(kind, Script(httpx.ReadTimeout("slow")), lambda it: it.generate_text("Hi"), max_retries=0)


@both
@pytest.mark.parametrize("content", ["<html>", "[]", '{"choices": []}'])
def test_foreign_server_is_recognised(kind: str, content: str) -> None:
    with pytest.raises(UnexpectedReplyError, match="base_url"):
        call(kind, Script(httpx.Response(200, text=content)), lambda it: it.generate_text("Hi"))


def test_proxy_of_the_environment_is_not_asked_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    from llmasos.client.credentials import Credentials
    from llmasos.client.transport import client_options

    def trusts_environment(url: str) -> bool:
        return bool(client_options(Credentials(url, "k"), 1.0, "0")["trust_env"])

    assert not trusts_environment("http://127.0.0.1:8000")
    assert not trusts_environment("http://[::1]:8000")
    assert trusts_environment("https://models.example.org")


def test_blocking_client_closes_its_connections() -> None:
    it = client(Script())
    it.close()
    with pytest.raises(RuntimeError, match="closed"):
        it.models()
