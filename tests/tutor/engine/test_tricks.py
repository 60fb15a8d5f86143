"""What a reference's words are made into by whoever does not know the answer, and what honest answers look like."""

from __future__ import annotations

import random

import pytest

from tutor.engine import models
from tutor.engine.scrambling import SCRAMBLES, Scramble, scrambled
from tutor.engine.tricks import Honest, Tricks, fit

REFERENCE = "Warm air above the street takes up vapour that leaves the surface of the puddle."
HONEST = (
    "Because warm air takes up the vapour of the puddle.",
    "It dries because the sun heats the water and it goes into the air.",
    REFERENCE,
    "I do not know.",
)


@pytest.fixture(scope="module")
def tricks() -> Tricks:
    found = models.default().tricks
    assert found is not None
    return found


@pytest.mark.parametrize(
    "answer",
    [
        "I think the puddle is in the vapour and the surface leaves street has takes air with above warm.",
        "It is gone. puddle, vapour, air, warm, street, surface, takes, leaves",
        "takes up the puddle. street of surface the that leaves above the vapour Warm air",
    ],
)
def test_a_references_words_in_no_sentence_are_found(tricks: Tricks, answer: str) -> None:
    assert tricks.found((REFERENCE,), [answer]).tolist() == [True]


@pytest.mark.parametrize("answer", HONEST)
def test_an_honest_answer_is_none(tricks: Tricks, answer: str) -> None:
    assert tricks.found((REFERENCE,), [answer]).tolist() == [False]


def test_a_short_reference_turned_round_is_none(tricks: Tricks) -> None:
    assert tricks.found(("The lamp and the battery are joined",), ["the battery is joined to the lamp"]).tolist() == [
        False
    ]


def test_nothing_is_said_of_another_language(tricks: Tricks) -> None:
    reference = "Warme Luft nimmt Wasserdampf auf, der die Oberfläche verlässt."
    assert tricks.found((reference,), ["Oberfläche Wasserdampf Luft verlässt warme nimmt auf"]).tolist() == [False]


def test_too_few_questions_teach_nothing() -> None:
    assert fit([Honest((REFERENCE,), HONEST, (True,) * len(HONEST))]) is None


@pytest.mark.parametrize("scramble", SCRAMBLES)
def test_a_scramble_has_the_references_words_and_is_the_same_each_time(scramble: Scramble) -> None:
    tries = [scramble(REFERENCE, "It is gone.", random.Random(at)) for at in range(4)]
    assert tries == [scramble(REFERENCE, "It is gone.", random.Random(at)) for at in range(4)]
    assert all("vapour" in one and one != REFERENCE for one in tries)


def test_a_blank_answer_can_stand_beside_the_words() -> None:
    assert scrambled(REFERENCE, "", random.Random(0)).strip()
