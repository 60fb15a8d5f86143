"""Streams that go on: after a lost connection, after the web process was killed, and not for anybody else."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

import llmasos
from tests.api.test_streams import LONG, chat, newest_run, wait_for
from tests.live import LiveServer, api_key

PATH = "/v1/chat/completions"


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


def words(count: int) -> str:
    return " ".join(str(number) for number in range(count))


def read_some(response: httpx.Response, events: int) -> bytes:
    """Return the bytes of the first whole events of an open stream."""
    read = b""
    for chunk in response.iter_raw():
        read += chunk
        if read.count(b"\n\n") >= events:
            return b"".join(part + b"\n\n" for part in read.split(b"\n\n")[:events])
    raise AssertionError("the stream ended early")


def last_id(read: bytes) -> str:
    return re.findall(rb"^id: (\d+)$", read, re.MULTILINE)[-1].decode()


def test_a_stream_goes_on_behind_the_last_event(http: httpx.Client, key: dict[str, str]) -> None:
    whole = http.post(PATH, json=chat("one two three"), headers=key).content
    numbers = [int(number) for number in re.findall(rb"^id: (\d+)$", whole, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    for number in numbers:
        rest = http.post(PATH, json=chat("one two three"), headers={**key, "Last-Event-ID": str(number)})
        assert rest.headers["Idempotency-Replayed"] == "true"
        assert whole.split(b"\n\n", number)[number] == rest.content


def test_a_repeated_request_gets_the_same_answer_and_runs_once(
    live: LiveServer, http: httpx.Client, key: dict[str, str]
) -> None:
    body = {"messages": [{"role": "user", "content": "one two"}]}
    first = http.post(PATH, json=body, headers=key)
    again = http.post(PATH, json=body, headers=key)
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers


def test_the_web_process_may_be_killed_midway(live: LiveServer, http: httpx.Client, key: dict[str, str]) -> None:
    body = chat(words(600), max_tokens=600, stream_options={"include_usage": True})
    with http.stream("POST", PATH, json=body, headers=key) as response:
        begun = read_some(response, 20)
        restart_web(live)
    resumed = http.post(PATH, json=body, headers={**key, "Last-Event-ID": last_id(begun)})
    whole = http.post(PATH, json=body, headers=key).content
    assert begun + resumed.content == whole
    assert whole.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("kind", ["blocking", "asynchronous"])
def test_our_client_takes_a_stream_up_by_itself(live: LiveServer, kind: str) -> None:
    text = words(500)
    if kind == "blocking":
        with llmasos.Client(live.url, live.key) as sdk, sdk.stream(text, max_tokens=500) as stream:
            next(stream)
            restart_web(live)
            list(stream)
            assert stream.text == text
        return

    import asyncio

    async def run() -> str:
        async with llmasos.AsyncClient(live.url, live.key) as sdk, sdk.stream(text, max_tokens=500) as stream:
            await anext(stream)
            await asyncio.to_thread(restart_web, live)
            async for _ in stream:
                pass
            return stream.text

    assert asyncio.run(run()) == text


def test_our_client_stops_the_model_when_it_leaves(live: LiveServer) -> None:
    with llmasos.Client(live.url, live.key) as sdk:
        with sdk.stream(LONG, max_tokens=1500) as stream:
            next(stream)
        assert wait_for(lambda: newest_run(live) == "cancelled", seconds=5)


def test_a_key_with_another_request_is_refused(http: httpx.Client, key: dict[str, str]) -> None:
    http.post(PATH, json=chat("one two"), headers=key)
    response = http.post(PATH, json=chat("three"), headers=key)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "idempotency_key_used")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Last-Event-ID": "3"}, 400, "missing_idempotency_key"),
        ({"Last-Event-ID": "abc", "Idempotency-Key": "x"}, 400, "invalid_value"),
        ({"Idempotency-Key": "x" * 201}, 400, "invalid_value"),
        ({"Last-Event-ID": "3", "Idempotency-Key": "never seen"}, 410, "not_resumable"),
    ],
)
def test_what_cannot_be_resumed_says_so(http: httpx.Client, headers: dict[str, str], status: int, code: str) -> None:
    response = http.post(PATH, json=chat("one"), headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_another_organisations_key_finds_nothing(live: LiveServer, http: httpx.Client, key: dict[str, str]) -> None:
    http.post(PATH, json=chat("one two"), headers=key)
    headers = {**key, "Authorization": f"Bearer {live.foreign_key}", "Last-Event-ID": "1"}
    assert http.post(PATH, json=chat("one two"), headers=headers).status_code == 410


def test_an_answer_is_stopped_by_its_id(live: LiveServer, http: httpx.Client, key: dict[str, str]) -> None:
    with http.stream("POST", PATH, json=chat(LONG, max_tokens=1500), headers=key) as response:
        found: Any = re.search(rb'"id":"([^"]+)"', read_some(response, 1))
        stopped = http.post(f"{PATH}/{found[1].decode()}/cancel")
    assert stopped.json()["cancelled"] is True
    assert wait_for(lambda: newest_run(live) == "cancelled", seconds=5)
    assert http.post(f"{PATH}/nonsense/cancel").status_code == 404


def test_another_key_may_not_stop_an_answer(live: LiveServer, http: httpx.Client, key: dict[str, str]) -> None:
    with live.platform.database():
        other = api_key("shop", ["generate"])
    with http.stream("POST", PATH, json=chat(words(300), max_tokens=300), headers=key) as response:
        found: Any = re.search(rb'"id":"([^"]+)"', read_some(response, 1))
        refused = http.post(f"{PATH}/{found[1].decode()}/cancel", headers={"Authorization": f"Bearer {other}"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_your_answer")


def restart_web(live: LiveServer) -> None:
    """Kill the web process as a power cut would, and start it again."""
    live.platform.processes["web"].kill()
    live.platform.processes.pop("web").wait(10)
    live.platform.start_web()
    live.platform.wait_until_served()
