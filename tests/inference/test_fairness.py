"""What a light organisation gets beside one that floods the model, by a model that is played (``crowd``)."""

from __future__ import annotations

import statistics

import pytest

from llmasos.inference.backends.xllamacpp import CPU_BATCH_TOKENS
from llmasos.inference.engine.queue import AdmissionQueue
from llmasos.inference.measuring.fairness import jain
from tests.inference.crowd import Crowd, Load

SLOTS = 9


def crowd(*loads: Load, seconds: float, batch: int = CPU_BATCH_TOKENS) -> Crowd:
    return Crowd(AdmissionQueue(1000, slots=SLOTS), SLOTS, *loads, batch=batch).ask_for(seconds)


def first_token(light: Load, *others: Load, batch: int = CPU_BATCH_TOKENS) -> float:
    """Seconds from asking to the first token, half of the time."""
    return statistics.median(crowd(light, *others, seconds=60, batch=batch).got[light.organisation_id].waits)


def test_both_get_as_much_while_both_want_more_and_little_is_lost() -> None:
    light, flood = Load(6), Load(60)
    served = crowd(light, flood, seconds=12).got
    tokens = [served[one.organisation_id].tokens for one in (light, flood)]
    assert jain(tokens) > 0.95
    alone = Load(66)
    assert sum(tokens) > 0.92 * crowd(alone, seconds=12).got[alone.organisation_id].tokens


def test_long_answers_of_one_count_while_they_are_made() -> None:
    light, flood = Load(6), Load(60, answer=(200, 200))
    served = crowd(light, flood, seconds=12).got
    assert jain([served[one.organisation_id].tokens for one in (light, flood)]) > 0.75


@pytest.mark.parametrize("prompt", [(30, 60), (300, 600)])
def test_a_light_reader_waits_for_little_more_than_a_step(prompt: tuple[int, int]) -> None:
    late = first_token(Load(1), Load(60, prompt=prompt)) / first_token(Load(1))
    assert late < 2.5


def test_long_prompts_in_one_step_would_hold_everybody_up() -> None:
    late = first_token(Load(1), Load(60, prompt=(300, 600)), batch=2048) / first_token(Load(1), batch=2048)
    assert late > 6
