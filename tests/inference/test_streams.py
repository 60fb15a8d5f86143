"""Reading streams: resuming, coroutines, sealing, and what is left behind."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.inference import services, streams, transit, writing
from llmasos.inference.database import aoutside
from llmasos.inference.engine.host import EngineHost
from llmasos.inference.errors import RunSuperseded
from llmasos.inference.models import Run
from llmasos.inference.publishing import announced_key
from llmasos.inference.types import StreamEvent
from llmasos.inference.valkey import client
from llmasos.inference.writing import StreamWriter, event_context
from llmasos.vault.sealing import seal
from tests.inference.requests import LONG, asked, run_row, start_generation

StartEngine = Callable[..., EngineHost]


def test_a_reader_resumes_where_it_was(engine_here: StartEngine, principal: Principal) -> None:
    engine_here(token_ms=5)
    run_id = start_generation(principal, LONG)
    events = list(streams.read(run_id))
    assert list(streams.read(run_id, events[1].id)) == events[2:]


def test_an_id_that_is_none_starts_from_the_beginning(engine_here: StartEngine, principal: Principal) -> None:
    engine_here()
    run_id = start_generation(principal, "some words")
    assert list(streams.read(run_id, "$; DROP")) == list(streams.read(run_id))


@pytest.mark.parametrize("form", ["sealed otherwise", "no json", "other json", "other fields"])
def test_what_a_worker_of_another_version_wrote_ends_the_stream_with_an_error(
    engine_here: StartEngine, principal: Principal, form: str
) -> None:
    engine_here()
    run_id = start_generation(principal, "some words")
    list(streams.read(run_id))
    client().delete(transit.stream_key(run_id))
    text = seal(b"words", context=event_context(run_id, "1-1"))
    fields = {
        "sealed otherwise": {"token": b"sealed"},
        "no json": {"token": text},
        "other json": {"token": seal(b"5", context=event_context(run_id, "1-1"))},
        "other fields": {"token": seal(b"{}", context=event_context(run_id, "1-1")), "image": text},
    }
    client().xadd(transit.stream_key(run_id), fields[form], id="1-1")
    (event,) = streams.read(run_id)
    assert (event.event, event.data["error"]["code"]) == ("failed", "unreadable_stream")


@pytest.fixture
def engine(engine_here: StartEngine) -> None:
    """An engine that was started where no coroutine runs."""
    engine_here()


@pytest.mark.usefixtures("valkey")
async def test_a_run_whose_caller_leaves_while_it_is_started_is_cancelled(
    committed_database: str, principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, begun, stopped = threading.Event(), services.begin_chat, asyncio.Event()
    loop, cancelled = asyncio.get_running_loop(), services.cancel

    def begin(*given: Any) -> services.Begun:
        left.wait()
        return begun(*given)

    def cancel(*given: Any) -> bool:
        done = cancelled(*given)
        loop.call_soon_threadsafe(stopped.set)
        return done

    monkeypatch.setattr(services, "begin_chat", begin)
    monkeypatch.setattr(services, "cancel", cancel)
    caller = asyncio.create_task(services.achat(principal, asked("nobody waits")))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    left.set()
    await stopped.wait()
    assert await aoutside(_states, principal) == ["cancelled"]


@pytest.mark.usefixtures("valkey")
async def test_a_worker_hears_of_a_caller_who_leaves_before_the_vectors_come(
    committed_database: str, principal: Principal
) -> None:
    with client().pubsub(ignore_subscribe_messages=True) as heard:  # type: ignore[no-untyped-call]
        heard.subscribe(transit.CANCEL_CHANNEL)
        assert heard.get_message(timeout=10) is None  # it listens from here on
        caller = asyncio.create_task(services.aembed(principal, ["nobody waits"]))
        _key, announced = await asyncio.to_thread(client().blpop, announced_key("embed"), 10)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        message = await asyncio.to_thread(heard.get_message, timeout=10)
    assert message["data"].decode() == json.loads(announced)["run_id"]


def _states(principal: Principal) -> list[str]:
    with acting_in(principal.organisation_id):
        return [run.state for run in Run.objects.for_organisation(principal.organisation_id)]


@pytest.mark.usefixtures("engine")
async def test_coroutines_read_the_same(principal: Principal) -> None:
    result = await services.achat(principal, asked("said to coroutines"))
    assert result.text == "said to coroutines"
    assert [event async for event in streams.aread(result.run_id)] == list(streams.read(result.run_id))


async def test_readers_of_one_process_each_get_what_they_lack(
    committed_database: str, valkey: object, principal: Principal
) -> None:
    first, second = [await aoutside(start_generation, principal, text) for text in ("one", "another")]
    writers = {run_id: StreamWriter(run_id) for run_id in (first, second)}
    waiting = asyncio.create_task(_read(first))
    await asyncio.sleep(0)
    for run_id, writer in writers.items():
        writer.text(f"of {run_id}")
        writer.close("done", {})
    whole = await waiting
    assert [event.data.get("text") for event in whole] == [f"of {first}", None]
    assert [event.data.get("text") for event in await _read(second)] == [f"of {second}", None]
    rest, again = await asyncio.gather(_read(first, whole[0].id), _read(first))
    assert (rest, again) == (whole[1:], whole)


async def _read(run_id: UUID, last_id: str = "0") -> list[StreamEvent]:
    return [event async for event in streams.aread(run_id, last_id)]


def test_texts_of_several_runs_are_written_together_and_an_overtaken_one_is_closed(
    committed_database: str, valkey: object, principal: Principal
) -> None:
    runs = [start_generation(principal, text) for text in ("one", "another")]
    kept, overtaken = (StreamWriter(run_id) for run_id in runs)
    for writer in (kept, overtaken):
        writer.text("first")
    later = StreamWriter(runs[1])
    later.open(2)
    later.text("taken over")
    for writer in (kept, overtaken):
        writer.text(" and more")
    writing._flush_all([kept, overtaken])
    kept.close("done", {})
    assert [event.data.get("text") for event in streams.read(runs[0])] == ["first", " and more", None]
    with pytest.raises(RunSuperseded):
        overtaken.text("late")


def test_nothing_readable_passes_through_valkey(
    engine_here: StartEngine, principal: Principal, valkey: redis.Redis
) -> None:
    waiting = start_generation(principal, "confidential-input")
    assert transit.has_input(waiting)
    assert b"confidential" not in b"".join(_everything(valkey))
    engine_here()
    services.chat(principal, asked("confidential-words"))
    assert b"confidential" not in b"".join(_everything(valkey))


def test_streams_and_inputs_live_fifteen_minutes_at_most(
    engine_here: StartEngine, principal: Principal, valkey: redis.Redis
) -> None:
    start_generation(principal, "waits")
    engine_here()
    services.chat(principal, asked("said"))
    keys = [
        key
        for key in valkey.keys("llmasos:*")
        if key.startswith((b"llmasos:input", b"llmasos:stream", b"llmasos:taken"))
    ]
    assert keys
    assert all(0 < valkey.ttl(key) <= 900 for key in keys)


def test_an_input_is_deleted_when_it_is_read(engine_here: StartEngine, principal: Principal) -> None:
    engine_here()
    result = services.chat(principal, asked("read once"))
    assert not transit.has_input(result.run_id)


def test_an_overtaken_attempt_cannot_write(committed_database: str, valkey: object, principal: Principal) -> None:
    run_id = start_generation(principal, "text")
    late, current = StreamWriter(run_id), StreamWriter(run_id)
    late.open(1)
    current.open(2)
    current.text("shown")
    with pytest.raises(RunSuperseded):
        late.text("hidden")


def test_a_call_is_in_the_log_with_digests_alone(engine_here: StartEngine, principal: Principal) -> None:
    from llmasos.accounts.tenancy import acting_in
    from llmasos.audit.models import Entry

    engine_here()
    result = services.chat(principal, asked("private words"))
    with acting_in(principal.organisation_id):
        entry = Entry.objects.get(object_id=result.run_id, action="inference.model_call")
    assert set(entry.digests) == {"model", "prompt", "output"}
    assert entry.digests["model"] == result.model_digest
    assert run_row(principal, result.run_id).state == "done"


def test_what_submits_runs_imports_no_model_library() -> None:
    root = Path(__file__).parents[2]
    heavy = ("torch", "transformers", "xllamacpp", "sentence_transformers")
    code = "import django, sys; django.setup(); from llmasos.inference import services, tasks, worker;"
    done = subprocess.run(
        [sys.executable, "-c", f"{code} print([n for n in {heavy} if n in sys.modules])"],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "llmasos.settings", "PYTHONPATH": f"{root}/platform:{root}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def _everything(valkey: redis.Redis) -> list[bytes]:
    found: list[bytes] = []
    for key in valkey.keys("*"):
        kind = valkey.type(key)
        if kind == b"string":
            found.append(valkey.get(key) or b"")
        elif kind == b"stream":
            found += [value for _, fields in valkey.xrange(key) for value in fields.values()]
        else:
            found.append(repr(valkey.zrange(key, 0, -1) if kind == b"zset" else kind).encode())
    return found
