"""Event streams byte by byte, and what happens when a client leaves."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.live import LiveServer

LONG = " ".join(str(number) for number in range(1500))


def events(body: bytes) -> list[bytes]:
    return [block for block in body.split(b"\n\n") if block and not block.startswith(b":")]


def chat(text: str, **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], "stream": True, **fields}


def newest_run(live: LiveServer) -> str:
    """The state of the run that was started last."""
    from llmasos.accounts.queries import organisation_id_by_slug
    from llmasos.accounts.tenancy import acting_in
    from llmasos.inference.models import Run

    with live.platform.database():
        organisation_id = organisation_id_by_slug("shop")
        assert organisation_id is not None
        with acting_in(organisation_id):
            return Run.objects.for_organisation(organisation_id).latest("created_at").state


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_stream_is_events_that_end_with_done(http: httpx.Client) -> None:
    response = http.post("/v1/chat/completions", json=chat("one two"))
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Content-Encoding" not in response.headers
    assert "Content-Length" not in response.headers
    found = events(response.content)
    assert all(block.startswith(b"data: ") and b"\n" not in block for block in found)
    assert found[-1] == b"data: [DONE]"
    bodies = [json.loads(block[6:]) for block in found[:-1]]
    assert bodies[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert bodies[-1]["choices"][0] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}
    assert {body["object"] for body in bodies} == {"chat.completion.chunk"}


def test_pieces_arrive_while_the_model_writes(http: httpx.Client) -> None:
    with http.stream("POST", "/v1/chat/completions", json=chat(LONG, max_tokens=400)) as response:
        chunks = [chunk for chunk in response.iter_raw() if b"content" in chunk]
    assert len(chunks) > 3


def test_what_is_wrong_before_the_first_piece_has_its_own_status(http: httpx.Client) -> None:
    response = http.post("/v1/chat/completions", json=chat("word " * 3000))
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("stream", [True, False])
def test_run_stops_when_the_client_leaves(live: LiveServer, http: httpx.Client, stream: bool) -> None:
    body = chat(LONG, max_tokens=1500) | {"stream": stream}
    if stream:
        with http.stream("POST", "/v1/chat/completions", json=body) as response:
            pieces = response.iter_raw()
            next(pieces)
            assert newest_run(live) in {"queued", "running"}
    else:
        with pytest.raises(httpx.ReadTimeout):
            http.post("/v1/chat/completions", json=body, timeout=1.0)
    # Left alone, the run would write all its words and be done.
    assert wait_for(lambda: newest_run(live) not in {"queued", "running"})
    assert newest_run(live) == "cancelled"


def test_many_open_streams_share_few_database_connections(live: LiveServer) -> None:
    streams = 200

    async def run() -> int:
        limits = httpx.Limits(max_connections=streams)
        headers = {"Authorization": f"Bearer {live.key}"}
        opened = 0
        peak = 0
        every_open = asyncio.Event()
        began = datetime.now(UTC)

        async with httpx.AsyncClient(
            base_url=live.url, headers=headers, limits=limits, timeout=60, trust_env=False
        ) as client:

            async def one() -> None:
                nonlocal opened, peak
                async with client.stream("POST", "/v1/chat/completions", json=chat("one two three")) as response:
                    assert response.status_code == 200
                    opened += 1
                    if opened == streams:
                        peak = await asyncio.to_thread(database_connections, live, began)
                        every_open.set()
                    await every_open.wait()

            await asyncio.gather(*(one() for _ in range(streams)))
        return peak

    assert asyncio.run(run()) <= 20


def database_connections(live: LiveServer, since: datetime) -> int:
    """Connections of every process of the platform, but this one's, over which the live database was asked since then.

    Threads that other tests gave work keep theirs for a while.
    """
    import psycopg

    from llmasos.runtime import locations
    from tests.databases import database_url
    from tests.services import VAR

    superuser = locations.connection_urls(VAR).superuser
    assert superuser is not None
    with psycopg.connect(database_url(superuser, "postgres")) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND state_change > %s",
            [live.platform.database_name, since],
        ).fetchone()
    assert row is not None
    return int(row[0])
