"""What a run costs that ends early: by what the model said, else by an estimate, and nothing before it began."""

from __future__ import annotations

from typing import Any

import pytest

from llmasos.inference.backends.openai_form import Hearing
from llmasos.inference.backends.xllamacpp import _Outcome
from llmasos.inference.engine.spending import Spent
from tests.inference.requests import asked

ESTIMATE = 40


def begun() -> Spent:
    spent = Spent(ESTIMATE)
    spent.begin()
    return spent


def test_waiting_costs_nothing() -> None:
    assert Spent(ESTIMATE).tokens == 0


def test_a_prompt_at_work_costs_its_estimate_until_the_model_counts() -> None:
    spent = begun()
    assert spent.tokens == ESTIMATE
    spent.count(prompt_tokens=31)
    spent.piece()
    spent.piece()
    assert (spent.usage().prompt_tokens, spent.usage().completion_tokens) == (31, 2)


def test_the_clock_tells_reading_from_writing_where_the_model_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([10.0, 12.0, 12.5])
    monkeypatch.setattr("llmasos.inference.engine.spending.time.perf_counter", lambda: next(moments))
    spent = begun()
    spent.piece()
    usage = spent.usage()
    assert (usage.prefill_ms, usage.decode_ms) == (2000.0, 500.0)
    assert Spent(ESTIMATE).usage().prefill_ms == 0.0


def test_a_model_that_refuses_costs_nothing() -> None:
    spent = begun()
    spent.fail()
    assert spent.tokens == 0


def test_a_model_that_fails_midway_has_cost_the_prompt_and_its_pieces() -> None:
    spent = begun()
    spent.piece()
    spent.fail()
    assert spent.tokens == ESTIMATE + 1


def progress(done: int) -> dict[str, Any]:
    return {"choices": [], "prompt_progress": {"total": 5000, "processed": done}}


def test_llama_tells_how_much_of_a_prompt_is_at_work_and_what_was_processed_when_left() -> None:
    leaves = False
    told: list[Any] = []
    shown = Hearing(asked("long"), lambda _: leaves, lambda _kind, rows: bool(told.extend(rows)))
    outcome = _Outcome(shown, batch=2048, read=lambda: None)
    outcome(progress(0))
    outcome(progress(2048))
    leaves = True
    assert outcome(progress(4096))
    assert told == [{"prompt_tokens": 2048}, {"prompt_tokens": 4096}]
    assert (outcome.completion().finish_reason, outcome.completion().prompt_tokens) == ("cancelled", 4096)
