"""Which slot of llama.cpp a prompt gets: one whose cached beginning is its own organisation's."""

from __future__ import annotations

from collections import Counter

from hypothesis import given as for_all
from hypothesis import strategies as st

from llmasos.inference.backends.slots import ASKS_AGAIN_SECONDS, COMPANY_SECONDS, GIVES_WAY_SECONDS, Slots

STEP = 64


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def given(slots: Slots, owner: str, text: str = "", *, size: int = 40) -> tuple[int, bool]:
    """The slot of a prompt that need not wait."""
    taken = slots.offer(owner, text, size=size)
    assert taken is not None
    return taken


def test_a_prompt_gets_the_slot_that_shares_most_of_it() -> None:
    slots = Slots(3)
    texts = ("user:What is water?", "user:Who wrote this?")
    for (slot, _own), text in zip([given(slots, "a", text) for text in texts], texts, strict=True):
        slots.give_back(slot, "a", text)
    slot, own = given(slots, "a", "user:What is wax?")
    assert (slots._last[slot][1], own) == ("user:What is water?", True)


def test_another_owner_gets_a_slot_that_nobody_used() -> None:
    slots = Slots(2)
    slot, _own = given(slots, "a", "user:What is water?")
    slots.give_back(slot, "a", "user:What is water?")
    other, own = given(slots, "b", "user:What is water?")
    assert (other != slot, own) == (True, False)


def test_an_organisation_without_a_slot_gets_one_before_all_that_are_at_work() -> None:
    slots = Slots(4)
    first, second = (given(slots, "flood", f"user:number {number}")[0] for number in (1, 2))
    assert (first, second) == (3, 2)
    slots.give_back(first, "flood", "user:number 1")
    assert slots.offer("light", "user:one") == (1, False)
    assert slots.offer("flood", "user:number 3") == (3, True)


@for_all(st.lists(st.integers(0, 7), max_size=40), st.lists(st.text("abc", max_size=3), min_size=9, max_size=9))
def test_what_is_at_work_fills_the_gaps_between_slots(ends: list[int], texts: list[str]) -> None:
    slots, busy = Slots(10), list[int]()
    for text in texts[:8]:
        busy.append(given(slots, "flood", text)[0])
    for place in ends:
        ended = busy.pop(place)
        slots.give_back(ended, "flood", texts[place])
        busy.append(given(slots, "flood", texts[8])[0])
    assert max(busy) - min(busy) == 7


def test_a_long_beginning_that_is_cached_is_worth_a_gap() -> None:
    slots, long = Slots(9), "user:" + "What is water? " * 20
    taken = [given(slots, "a", text)[0] for text in ("user:one", "user:two", long)]
    slots.give_back(taken[2], "a", long)
    slots.give_back(taken[1], "a", "user:two")
    assert given(slots, "a", long + "And ice?")[0] == taken[2]


def test_prompts_that_look_like_paths_are_texts() -> None:
    slots = Slots(1)
    slot, _own = given(slots, "a", "/etc/motd")
    slots.give_back(slot, "a", "/etc/motd")
    assert slots.offer("a", "hello") == (slot, True)


def beside_another(clock: Clock | None = None) -> Slots:
    """Slots of which another organisation had one a second ago."""
    clock = clock or Clock()
    slots = Slots(9, step_tokens=STEP, clock=clock)
    slots.give_back(given(slots, "another")[0], "another", "")
    clock.now += 1
    return slots


def test_one_organisation_has_short_prompts_read_together_up_to_half_a_step() -> None:
    slots = beside_another()
    slot, _own = given(slots, "flood")
    assert slots.offer("flood", "", size=40) is None
    slots.read(slot)
    given(slots, "flood", size=16)
    given(slots, "flood", size=16)
    assert slots.offer("flood", "", size=16) is None


def test_others_wait_until_the_prompt_of_who_had_nothing_is_read() -> None:
    slots = Slots(9, step_tokens=STEP)
    slots.read(given(slots, "flood")[0])
    slots.read(given(slots, "other")[0])
    light, _own = given(slots, "light")
    assert slots.offer("flood", "", size=10) is None
    assert slots.offer("other", "", size=10) is None
    slots.read(light)
    given(slots, "flood")


def test_who_has_nothing_waits_for_nobody() -> None:
    slots = Slots(9, step_tokens=STEP)
    given(slots, "flood")
    given(slots, "light")
    given(slots, "lighter")


def test_a_prompt_of_several_steps_neither_waits_for_short_ones_nor_makes_them_wait() -> None:
    slots = beside_another()
    given(slots, "flood", size=40)
    slots.read(given(slots, "flood", size=500)[0])
    given(slots, "other", size=500)
    given(slots, "third", size=40)
    given(slots, "third", size=500)


def test_long_prompts_of_one_that_is_alone_are_read_as_they_come() -> None:
    slots = Slots(9, step_tokens=STEP)
    assert [given(slots, "flood", size=500)[0] for _ in range(3)] == [8, 7, 6]


def test_who_has_been_alone_for_a_while_makes_no_room() -> None:
    clock = Clock()
    slots = beside_another(clock)
    given(slots, "flood")
    assert slots.offer("flood", "", size=40) is None
    clock.now += COMPANY_SECONDS
    given(slots, "flood")


def test_a_slot_given_back_before_its_prompt_was_read_makes_nobody_wait() -> None:
    slots = beside_another()
    slot, _own = given(slots, "flood")
    slots.read(slot)
    slot, _own = given(slots, "flood")
    assert slots.offer("flood", "", size=40) is None
    slots.give_back(slot, "flood", "")
    given(slots, "flood")


def test_who_just_had_its_only_answer_is_expected_to_ask_again() -> None:
    clock = Clock()
    slots = Slots(9, step_tokens=STEP, clock=clock)
    slots.read(given(slots, "flood")[0])
    light, _own = given(slots, "light")
    slots.give_back(light, "light", "")
    assert slots.offer("flood", "", size=40) is None
    clock.now += ASKS_AGAIN_SECONDS
    given(slots, "flood")


def test_a_prompt_gives_way_for_so_long_and_no_longer() -> None:
    slots = beside_another()
    given(slots, "flood")
    assert slots.offer("flood", "", size=40, waited=GIVES_WAY_SECONDS - 0.1) is None
    assert slots.offer("flood", "", size=40, waited=GIVES_WAY_SECONDS) is not None


def test_whoever_leaves_while_it_waits_gets_no_slot() -> None:
    slots = beside_another()
    given(slots, "flood")
    assert slots.take("flood", "", size=40, is_left=lambda: True) is None


@for_all(st.lists(st.tuples(st.permutations("abc"), st.integers(0, 5)), max_size=60))
def test_long_prompts_of_several_are_read_in_turns_whichever_slot_is_free(steps: list[tuple[list[str], int]]) -> None:
    slots, unread, answering = Slots(8, step_tokens=STEP), dict[int, str](), list[tuple[int, str]]()
    read: Counter[str] = Counter("abc")
    for owners, ended in steps:
        for owner in owners * 2:
            taken = slots.offer(owner, "", size=500, waited=60)
            if taken is not None:
                unread[taken[0]] = owner
        first = min(unread)
        slots.read(first)
        owner = unread.pop(first)
        read[owner] += 1
        answering.append((first, owner))
        if ended < len(answering) or len(answering) == 5:
            slots.give_back(*answering.pop(ended % len(answering)), "")
        assert max(read.values()) - min(read.values()) <= 1


def test_who_comes_to_a_flood_of_long_prompts_has_each_second_one_read() -> None:
    clock = Clock()
    slots = Slots(8, step_tokens=STEP, clock=clock)
    flood = [given(slots, "flood", size=500)[0] for _ in range(6)]
    for number in range(6):
        light, _own = given(slots, "light", size=500)
        assert slots.offer("flood", "", size=500, waited=60) is None
        slots.read(light)
        assert slots.offer("light", "", size=500) is None
        slots.read(min(flood))
        flood.remove(min(flood))
        slots.give_back(light, "light", str(number))


@for_all(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 100), st.floats(0, 0.5), st.integers(0, 5)), max_size=80)
)
def test_no_slot_is_given_twice_and_nobody_waits_for_long(steps: list[tuple[str, int, float, int]]) -> None:
    clock = Clock()
    slots, running = Slots(4, step_tokens=STEP, clock=clock), dict[int, str]()
    for owner, size, passed, ends in steps:
        clock.now += passed
        waited = 0.0 if owner not in running.values() else GIVES_WAY_SECONDS
        taken = slots.offer(owner, "", size=size, waited=waited)
        if len(running) < 4:
            assert taken is not None
            assert taken[0] not in running
            running[taken[0]] = owner
            if size >= STEP:
                slots.read(taken[0])
        else:
            assert taken is None
        if ends in running:
            slots.give_back(ends, running.pop(ends), "")
    for slot, owner in running.items():
        slots.give_back(slot, owner, "")
    clock.now += COMPANY_SECONDS + 1
    assert {given(slots, "a", size=STEP)[0] for _ in range(4)} == {0, 1, 2, 3}
