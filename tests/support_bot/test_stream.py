from __future__ import annotations

from uuid import UUID

import pytest
from django.test import AsyncClient

from llmasos.inference.writing import StreamWriter
from support_bot.models import Site
from tests.support_bot.conftest import OpenWidget, Widget


@pytest.fixture
def widget(committed_database: str, open_widget: OpenWidget, site: Site) -> Widget:
    return open_widget(site)


@pytest.fixture
def run(widget: Widget) -> str:
    """A run that has shown a quotation and a sentence, and is done."""
    run = str(widget.ask("How long?").json()["answer"]["run"])  # type: ignore[attr-defined]
    writer = StreamWriter(UUID(run))
    writer.open(1)
    writer.emit("evidence", {"decision": "answer", "score": 0.9, "passages": [{"n": 1, "title": "T", "chunk_id": "c"}]})
    writer.emit("quote", {"sentences": [{"text": "60 days.", "n": 1}]})
    writer.emit("sentence", {"text": "You have 60 days.", "citations": [1]})
    writer.close("done", {"decision": "answer", "text": "60 days.", "model_digest": "abc"})
    return run


async def read(widget: Widget, run: str, **headers: str) -> tuple[object, str]:
    response = await AsyncClient().get(f"/widget/{widget.site.key}/runs/{run}/events", headers=widget.headers(headers))
    return response, b"".join([part async for part in response.streaming_content]).decode()  # type: ignore[attr-defined]


def names(text: str) -> list[str]:
    return [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]


async def test_a_stream_shows_the_quotation_first_and_ends_once(widget: Widget, run: str) -> None:
    _, text = await read(widget, run)
    assert names(text) == ["evidence", "quote", "sentence", "done"]


async def test_a_lost_line_is_taken_up_where_it_was(widget: Widget, run: str) -> None:
    _, whole = await read(widget, run)
    second = [line.removeprefix("id: ") for line in whole.splitlines() if line.startswith("id: ")][1]
    _, rest = await read(widget, run, **{"Last-Event-ID": second})
    assert names(rest) == ["sentence", "done"]


async def test_a_malformed_last_id_reads_from_the_start(widget: Widget, run: str) -> None:
    _, text = await read(widget, run, **{"Last-Event-ID": "0 COUNT 1"})
    assert names(text)[0] == "evidence"


async def test_a_stream_is_neither_stored_nor_buffered(widget: Widget, run: str) -> None:
    response, _ = await read(widget, run)
    assert response["Cache-Control"] == "no-store"  # type: ignore[index]
    assert response["X-Accel-Buffering"] == "no"  # type: ignore[index]
    assert response["Content-Type"].startswith("text/event-stream")  # type: ignore[index]


async def test_a_visitor_sees_no_digests_and_no_inner_ids(widget: Widget, run: str) -> None:
    _, text = await read(widget, run)
    assert "model_digest" not in text
    assert "chunk_id" not in text
    assert "score" not in text
