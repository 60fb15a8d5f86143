"""Which slot of llama.cpp a prompt gets: one whose cached beginning is its own organisation's."""

from __future__ import annotations

from llmasos.inference.backends.xllamacpp import _Slots


def test_a_prompt_gets_the_slot_that_shares_most_of_it() -> None:
    slots = _Slots(3)
    texts = ("user:What is water?", "user:Who wrote this?")
    for (slot, _own), text in zip([slots.take("a", text) for text in texts], texts, strict=True):
        slots.give_back(slot, "a", text)
    slot, own = slots.take("a", "user:What is wax?")
    assert (slots._last[slot][1], own) == ("user:What is water?", True)


def test_another_owner_gets_a_slot_that_nobody_used() -> None:
    slots = _Slots(2)
    slot, _own = slots.take("a", "user:What is water?")
    slots.give_back(slot, "a", "user:What is water?")
    other, own = slots.take("b", "user:What is water?")
    assert (other != slot, own) == (True, False)


def test_the_first_free_slot_whose_prompts_go_first_is_left_to_others() -> None:
    slots = _Slots(3)
    first, last = (slots.take("flood", f"user:number {number}")[0] for number in (1, 2))
    assert (first, last) == (0, 2)
    slots.give_back(first, "flood", "user:number 1")
    assert slots.take("flood", "user:number 3")[0] == 1
    assert slots.take("light", "user:one") == (0, False)


def test_prompts_that_look_like_paths_are_texts() -> None:
    slots = _Slots(1)
    slot, _own = slots.take("a", "/etc/motd")
    slots.give_back(slot, "a", "/etc/motd")
    assert slots.take("a", "hello") == (slot, True)
