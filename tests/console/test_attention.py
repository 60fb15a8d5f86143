from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from llmasos.audit.queries import LogState
from llmasos.console.queries import Service
from llmasos.console.regions import attention
from llmasos.inference.queries import EngineState, QueueDepth


def worker(engine: str, *, seconds_ago: float = 1.0) -> EngineState:
    return EngineState(
        engine=engine,
        device="cpu",
        worker="w",
        started_at=0,
        seconds_ago=seconds_ago,
        running=0,
        queued=0,
        waiting_texts=0,
    )


BOTH = [worker("embed"), worker("generate")]


def test_nothing_is_said_when_all_is_well() -> None:
    assert attention([Service("postgresql", "good")], BOTH, [], []) == []


def test_a_silent_service_comes_first() -> None:
    found = attention([Service("valkey", "bad")], [], [], [])
    assert [one.text for one in found] == [
        "Valkey does not answer.",
        "Until Valkey is back, nothing can be asked of the models.",
    ]


def test_a_log_that_was_altered_is_named() -> None:
    (found,) = attention([], BOTH, [], [], 1)
    assert (found.state, "not as it was written" in found.text) == ("bad", True)


def test_a_missing_engine_is_named_with_what_waits() -> None:
    (found,) = attention([], [worker("embed")], [], [])
    assert "generates text" in found.text


def test_an_engine_that_stopped_reporting_counts_as_missing() -> None:
    assert len(attention([], [worker("embed", seconds_ago=30), worker("generate")], [], [])) == 1


def test_an_old_run_is_noticed() -> None:
    assert len(attention([], BOTH, [QueueDepth("embed", 0, "queued", 1, 31.0)], [])) == 1


def test_entries_without_position_are_noticed_after_a_while() -> None:
    now = timezone.now()
    fresh = LogState(entries=1, unsequenced=1, head_seq=1, head_hash="", last_recorded_at=now)
    late = LogState(entries=1, unsequenced=1, head_seq=1, head_hash="", last_recorded_at=now - timedelta(minutes=1))
    assert attention([], BOTH, [], [fresh]) == []
    assert len(attention([], BOTH, [], [late])) == 1
