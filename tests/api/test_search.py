"""Search over the platform's API, and the SDK against the running server."""

from __future__ import annotations

import httpx
import pytest

import llmasos
from tests.live import LiveServer

QUESTION = "May I send boots back after a month?"


def test_search_finds_the_passage(sdk: llmasos.Client, knowledge: str) -> None:
    hits = sdk.search(QUESTION, collection=knowledge, k=1)
    assert len(hits) == 1
    assert "within a month" in hits[0].text
    assert (hits[0].title, hits[0].collection) == ("Returns", "handbook")


def test_search_without_a_collection_searches_all(sdk: llmasos.Client, knowledge: str) -> None:
    assert {hit.title for hit in sdk.search(QUESTION)} == {"Returns", "Shipping"}


def test_a_key_that_may_search_and_nothing_else_searches(live: LiveServer, knowledge: str) -> None:
    with llmasos.Client(live.url, live.narrow_key, max_retries=0) as narrow:
        assert narrow.search(QUESTION, collection=knowledge, k=1)[0].title == "Returns"


def test_other_organisations_see_nothing(live: LiveServer, knowledge: str) -> None:
    with llmasos.Client(live.url, live.foreign_key, max_retries=0) as stranger:
        assert stranger.search(QUESTION) == []
        with pytest.raises(llmasos.NotFoundError):
            stranger.search(QUESTION, collection=knowledge)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": "x" * 8001}, "query"),
        ({"query": "x", "k": 0}, "k"),
        ({"query": "x", "k": 101}, "k"),
        ({"query": "x", "collections": "handbook"}, "collections"),
        ({"query": "x", "collections": []}, "collections"),
        ({"query": ["x"]}, "query"),
        ({"query": "a\x00b"}, "query"),
    ],
)
def test_wrong_search_is_a_problem_that_names_the_field(
    http: httpx.Client, body: dict[str, object], field: str
) -> None:
    response = http.post("/api/search", json=body)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["param"] == field
    assert problem["request_id"] == response.headers["X-Request-Id"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null"])
def test_search_without_an_object_is_a_problem(http: httpx.Client, content: bytes) -> None:
    response = http.post("/api/search", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


def test_unknown_collection_is_a_problem(http: httpx.Client) -> None:
    response = http.post("/api/search", json={"query": "x", "collections": ["nowhere"]})
    assert (response.status_code, response.json()["title"]) == (404, "Not found.")


def test_search_without_a_key_is_a_problem(live: LiveServer) -> None:
    response = httpx.post(f"{live.url}/api/search", json={"query": "x"}, trust_env=False)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.headers["Content-Type"] == "application/problem+json"


def test_documentation_and_schema_are_served_under_the_strict_policy(live: LiveServer) -> None:
    page = httpx.get(f"{live.url}/api/docs/", trust_env=False)
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<style" not in page.text
    assert " style=" not in page.text
    assert httpx.get(f"{live.url}/api/schema/", trust_env=False).status_code == 200


def test_sdk_generates_streams_and_embeds(sdk: llmasos.Client) -> None:
    assert sdk.generate_text("one two three") == "one two three"
    assert sdk.generate_text("one two three", raw=True, max_tokens=2) == "one two"
    with sdk.stream("one two three") as stream:
        assert "".join(stream) == "one two three"
    assert stream.usage is not None
    assert stream.usage.completion_tokens == 3
    assert stream.usage.decode_ms is not None
    vectors = sdk.embed(["red", "blue"])
    assert (len(vectors), vectors.dimensions) == (2, 384)
    assert {model.task for model in sdk.models()} >= {"embed", "generate"}


async def test_asynchronous_sdk_streams(live: LiveServer) -> None:
    async with llmasos.AsyncClient(live.url, live.key, max_retries=0) as client:
        assert "".join([piece async for piece in client.stream("one two three")]) == "one two three"
        assert await client.generate_text("one two") == "one two"
