from __future__ import annotations

import pytest

from tutor.feedback.composing import Cited, Facts, Met, Open, compose, joined
from tutor.feedback.rewording import supported

FACTS = Facts(
    met=(Met("Says that the water evaporates", "The water evaporates."),),
    open=(
        Open(
            "Says that heat gives molecules energy",
            missing=("energy", "molecules"),
            cited=Cited(7, "Water", "Heat gives molecules the energy to leave the surface."),
            comment="Say where the energy comes from.",
        ),
    ),
)


def text(length: str, *, tone: str = "plain", facts: Facts = FACTS, language: str = "en") -> str:
    return joined(compose(facts, tone=tone, length=length, language=language))


def test_one_sentence_says_what_is_open() -> None:
    assert text("short") == "Still open: Says that heat gives molecules energy."


def test_two_or_three_go_on_with_what_markers_say_themselves() -> None:
    assert "Say where the energy comes from. It does not mention: energy, molecules." in text("medium")


def test_a_paragraph_cites_the_material_and_the_answer() -> None:
    said = text("long")
    assert "Look at “Water”: “Heat gives molecules the energy to leave the surface.”" in said
    assert "You wrote “The water evaporates.”: that meets" in said


def test_words_that_meet_two_criteria_are_quoted_once() -> None:
    both = Facts((Met("Names the gas.", "It becomes vapour."), Met("Names the cause", "It becomes vapour.")), ())
    assert text("long", facts=both) == "You wrote “It becomes vapour.”: that meets “Names the gas”, “Names the cause”."


def test_nothing_that_is_open_is_left_out_however_short() -> None:
    both = Facts((), (Open("Says one thing"), Open("Says another")))
    assert text("short", facts=both) == "Still open: Says one thing. Still open: Says another."


def test_the_tone_is_the_courses() -> None:
    assert text("short", tone="warm").startswith("One step further")
    assert text("short", tone="formal").startswith("The following criterion is not met yet")


def test_it_is_written_in_the_courses_language() -> None:
    assert "Still open" not in text("short", language="zh-hans")


STATEMENTS = (
    "Still open: says that heat gives molecules energy.",
    "Your answer meets “Says that the water evaporates”.",
)


def test_a_sentence_that_stands_on_nothing_is_dropped() -> None:
    assert supported(" ".join([*STATEMENTS, "You are the best pupil of this school."]), STATEMENTS, []) == " ".join(
        STATEMENTS
    )


@pytest.mark.parametrize("said", STATEMENTS)
def test_wording_that_loses_a_statement_is_not_used(said: str) -> None:
    assert supported(said, STATEMENTS, []) == ""
