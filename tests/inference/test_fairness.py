"""What a light organisation gets beside one that floods the model, by a model that is played (``crowd``)."""

from __future__ import annotations

import statistics

import pytest

from llmasos.inference.backends.xllamacpp import CPU_BATCH_TOKENS
from llmasos.inference.engine.queue import HEAD_START_TOKENS, AdmissionQueue
from llmasos.inference.measuring.fairness import jain
from tests.inference.crowd import Crowd, Load

SLOTS = 10
LONG = (300, 600)


def crowd(
    *loads: Load, seconds: float, batch: int = CPU_BATCH_TOKENS, is_fair: bool = True, slots: int = SLOTS
) -> Crowd:
    queue = AdmissionQueue(1000, slots=slots, head_start=HEAD_START_TOKENS if is_fair else 0)
    return Crowd(queue, slots, *loads, batch=batch, step_tokens=batch if is_fair else 0).ask_for(seconds)


def times_as_late(light: Load, *others: Load, batch: int = CPU_BATCH_TOKENS, is_fair: bool = True) -> float:
    """How much longer the light organisation waits for its first token beside others than alone, half of the time."""
    waits = [
        statistics.median(crowd(*loads, seconds=300, batch=batch, is_fair=is_fair).got[light.organisation_id].waits)
        for loads in ((light, *others), (light,))
    ]
    return waits[0] / waits[1]


def test_both_get_as_much_while_both_want_more_and_little_is_lost() -> None:
    light, flood = Load(6), Load(60)
    served = crowd(light, flood, seconds=30).got
    tokens = [served[one.organisation_id].tokens for one in (light, flood)]
    assert jain(tokens) > 0.98
    alone = Load(66)
    assert sum(tokens) > 0.94 * crowd(alone, seconds=30, is_fair=False).got[alone.organisation_id].tokens


def test_organisations_that_take_turns_in_every_slot_read_the_beginnings_of_prompts_again() -> None:
    light, flood = Load(6), Load(60)
    served = [crowd(light, flood, seconds=30, is_fair=is_fair, slots=9).got for is_fair in (True, False)]
    kept, turns = (sum(one.tokens for one in got.values()) for got in served)
    assert turns < 0.9 * kept


def test_long_answers_of_one_count_while_they_are_made() -> None:
    light, flood = Load(6), Load(60, answer=(200, 200))
    served = crowd(light, flood, seconds=12).got
    assert jain([served[one.organisation_id].tokens for one in (light, flood)]) > 0.75


@pytest.mark.parametrize("way", [0.1, 4.0])
def test_a_light_reader_waits_for_the_step_under_way_and_its_own(way: float) -> None:
    assert times_as_late(Load(1, way=way), Load(60)) < 2


def test_a_light_reader_would_wait_for_more_if_prompts_went_as_they_come() -> None:
    assert times_as_late(Load(1), Load(60), is_fair=False) > 2


def test_long_prompts_of_others_hold_a_light_reader_up_for_two_steps() -> None:
    assert times_as_late(Load(1), Load(60, prompt=LONG)) < 3


def test_long_prompts_in_one_step_would_hold_everybody_up() -> None:
    assert times_as_late(Load(1), Load(60, prompt=LONG), batch=2048, is_fair=False) > 6
