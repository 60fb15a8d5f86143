"""What nobody should send, and somebody will: each gets a clear error in OpenAI's form, never a 500."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.live import LiveServer

SAY = [{"role": "user", "content": "one two"}]
NOTE = {"type": "function", "function": {"name": "note"}}


def error_of(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    return error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"\xff\xfe",
        b'{"messages": NaN}',
        b"[" * 100_000,
        b'{"seed": ' + b"9" * 5000 + b"}",
    ],
)
@pytest.mark.parametrize("path", ["chat/completions", "completions", "embeddings"])
def test_body_that_is_no_json_object_is_refused(http: httpx.Client, path: str, body: bytes) -> None:
    error = error_of(http.post(f"/v1/{path}", content=body, headers={"Content-Type": "application/json"}), 400)
    assert error["code"] == "invalid_json"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "messages"),
        ({"messages": None}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [None]}, "messages[0]"),
        ({"messages": [{"content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        ({"messages": SAY, "model": 7}, "model"),
        ({"messages": SAY, "max_tokens": 0}, "max_tokens"),
        ({"messages": SAY, "max_tokens": -1}, "max_tokens"),
        ({"messages": SAY, "max_tokens": 2.5}, "max_tokens"),
        ({"messages": SAY, "max_tokens": "7"}, "max_tokens"),
        ({"messages": SAY, "max_tokens": True}, "max_tokens"),
        ({"messages": SAY, "max_tokens": 10**30}, "max_tokens"),
        ({"messages": SAY, "temperature": 3}, "temperature"),
        ({"messages": SAY, "temperature": "hot"}, "temperature"),
        ({"messages": SAY, "top_p": -0.1}, "top_p"),
        ({"messages": SAY, "stop": [1]}, "stop"),
        ({"messages": SAY, "stop": ["x"] * 9}, "stop"),
        ({"messages": SAY, "seed": 1.5}, "seed"),
        ({"messages": SAY, "seed": 2**64}, "seed"),
        ({"messages": SAY, "stream": "yes"}, "stream"),
        ({"messages": SAY, "stream_options": {"include_usage": True}}, "stream_options"),
        ({"messages": SAY, "stream": True, "stream_options": 1}, "stream_options"),
        ({"messages": SAY, "n": 0}, "n"),
        ({"messages": SAY, "n": 3}, "n"),
        ({"messages": SAY, "tools": {}}, "tools"),
        ({"messages": SAY, "tools": [{"type": "function"}]}, "tools[0].function"),
        ({"messages": SAY, "tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"messages": SAY, "tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name"),
        ({"messages": SAY, "tools": [NOTE] * 129}, "tools"),
        ({"messages": SAY, "tools": [NOTE], "tool_choice": "sometimes"}, "tool_choice"),
        ({"messages": SAY, "tools": [NOTE], "tool_choice": {"type": "function"}}, "tool_choice"),
        ({"messages": SAY, "tool_choice": "required"}, "tool_choice"),
        ({"messages": SAY, "functions": [{}]}, "functions"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "assistant", "tool_calls": [1]}]}, "messages[0].tool_calls[0]"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"id": 1}]}]}, "messages[0].tool_calls[0].function"),
        ({"messages": SAY, "response_format": "json"}, "response_format"),
        ({"messages": SAY, "response_format": {"type": "xml"}}, "response_format.type"),
        ({"messages": SAY, "response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"messages": SAY, "logprobs": 1}, "logprobs"),
        ({"messages": SAY, "top_logprobs": 2}, "top_logprobs"),
        ({"messages": SAY, "logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"messages": SAY, "logit_bias": {"5": 1}}, "logit_bias"),
        ({"messages": SAY, "presence_penalty": 1}, "presence_penalty"),
        ({"messages": SAY, "max_token": 5}, "max_token"),
    ],
)
def test_wrong_field_is_named(http: httpx.Client, fields: dict[str, Any], param: str) -> None:
    assert error_of(http.post("/v1/chat/completions", json=fields), 400)["param"] == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "input"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": ""}, "input[0]"),
        ({"input": ["x", "  "]}, "input[1]"),
        ({"input": [1, 2, 3]}, "input"),
        ({"input": [[1, 2], [3]]}, "input"),
        ({"input": {"text": "x"}}, "input"),
        ({"input": ["x", None]}, "input[1]"),
        ({"input": ["x"] * 2049}, "input"),
        ({"input": "x", "encoding_format": "hex"}, "encoding_format"),
        ({"input": "x", "dimensions": 0}, "dimensions"),
    ],
)
def test_wrong_embedding_field_is_named(http: httpx.Client, fields: dict[str, Any], param: str) -> None:
    assert error_of(http.post("/v1/embeddings", json=fields), 400)["param"] == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"query": "x"}, "documents"),
        ({"query": "x", "documents": []}, "documents"),
        ({"query": "x", "documents": ["x", {}]}, "documents[1]"),
        ({"documents": ["x"]}, "query"),
        ({"query": " ", "documents": ["x"]}, "query"),
        ({"query": "x", "documents": ["x"], "top_n": 0}, "top_n"),
        ({"query": "x", "documents": ["x"], "rank_fields": ["a"]}, "rank_fields"),
    ],
)
def test_wrong_ranking_field_is_named(http: httpx.Client, fields: dict[str, Any], param: str) -> None:
    assert error_of(http.post("/v1/rerank", json=fields), 400)["param"] == param


def test_a_ranking_without_a_model_for_it_is_not_found(http: httpx.Client) -> None:
    error = error_of(http.post("/v1/rerank", json={"query": "x", "documents": ["x"]}), 404)
    assert error["code"] == "model_not_found"


@pytest.mark.parametrize(
    "fields", [{}, {"prompt": ["a", "b"]}, {"prompt": [1, 2]}, {"prompt": ""}, {"prompt": "x", "echo": True}]
)
def test_wrong_completion_is_refused(http: httpx.Client, fields: dict[str, Any]) -> None:
    error_of(http.post("/v1/completions", json=fields), 400)


def test_null_fields_count_as_absent(http: httpx.Client) -> None:
    names = ["model", "max_tokens", "temperature", "top_p", "stop", "seed", "stream", "stream_options", "n", "tools"]
    response = http.post("/v1/chat/completions", json={"messages": SAY, **dict.fromkeys(names)})
    assert response.json()["choices"][0]["message"]["content"] == "one two"


def test_fields_without_effect_are_taken(http: httpx.Client) -> None:
    fields = {"user": "u-1", "store": False, "metadata": {}, "presence_penalty": 0, "response_format": {"type": "text"}}
    assert http.post("/v1/chat/completions", json={"messages": SAY, **fields}).status_code == 200


def test_text_parts_are_joined(http: httpx.Client) -> None:
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
    response = http.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": parts}]})
    assert response.json()["choices"][0]["message"]["content"] == "one two"


@pytest.mark.parametrize("path", ["chat/completions", "embeddings"])
def test_half_a_character_is_refused(http: httpx.Client, path: str) -> None:
    body = (
        rb'{"input": "a\ud800b"}' if path == "embeddings" else rb'{"messages": [{"role": "user", "content": "\ud800"}]}'
    )
    assert error_of(http.post(f"/v1/{path}", content=body), 400)["code"] == "invalid_unicode"


def test_huge_body_is_refused(http: httpx.Client) -> None:
    error_of(http.post("/v1/embeddings", json={"input": "x" * (9 * 1024 * 1024)}), 413)


def test_long_input_is_refused_with_words(http: httpx.Client) -> None:
    error_of(http.post("/v1/embeddings", json={"input": "word " * 500_000}), 400)


@pytest.mark.parametrize("header", [None, "", "Basic abc", "Bearer", "Bearer nonsense", "Bearer llmasos_é"])
def test_request_without_a_good_key_is_unauthorised(live: LiveServer, header: str | None) -> None:
    headers = [] if header is None else [(b"Authorization", header.encode())]
    response = httpx.get(f"{live.url}/v1/models", headers=headers, trust_env=False)
    assert error_of(response, 401)["type"] == "authentication_error"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_wrong_method_names_the_right_one(http: httpx.Client) -> None:
    response = http.get("/v1/chat/completions")
    error_of(response, 405)
    assert response.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/models/no/such/model", "/v1/chat/completions/x"])
def test_unknown_address_is_not_found(http: httpx.Client, path: str) -> None:
    error_of(http.get(path), 404)


def test_each_answer_carries_a_request_id(http: httpx.Client) -> None:
    assert http.get("/v1/models").headers["X-Request-Id"]
    assert http.get("/v1/models", headers={"X-Request-Id": "abcd-1234"}).headers["X-Request-Id"] == "abcd-1234"
    assert http.post("/v1/embeddings", json={}).headers["X-Request-Id"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "messages",
                        "role",
                        "content",
                        "input",
                        "prompt",
                        "model",
                        "stop",
                        "n",
                        "stream",
                        "tools",
                        "tool_choice",
                        "tool_calls",
                        "function",
                        "response_format",
                        "type",
                        "logprobs",
                        "query",
                        "documents",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
    path=st.sampled_from(["chat/completions", "completions", "embeddings", "rerank"]),
)
def test_no_body_makes_the_server_fail(http: httpx.Client, body: object, path: str) -> None:
    assert http.post(f"/v1/{path}", json=body).status_code in {200, 400, 404}
