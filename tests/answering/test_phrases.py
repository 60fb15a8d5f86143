from __future__ import annotations

import pytest

from llmasos.answering import phrases
from llmasos.answering.phrases import Courtesy


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Hello!", Courtesy.GREETING),
        ("good morning", Courtesy.GREETING),
        ("Thanks a lot :)", Courtesy.THANKS),
        ("thank you for your help", Courtesy.THANKS),
        ("Bye", Courtesy.GOODBYE),
        ("Are you a robot?", Courtesy.NATURE),
        ("I want to talk to a person", Courtesy.PERSON),
        ("你好！", Courtesy.GREETING),
        ("谢谢你", Courtesy.THANKS),
        ("转人工客服", Courtesy.PERSON),
    ],
)
def test_a_courtesy_is_recognised(message: str, expected: Courtesy) -> None:
    assert phrases.courtesy(message) is expected


@pytest.mark.parametrize(
    "message",
    [
        "Hello, where is my parcel?",
        "Thanks, but how long does it take?",
        "Who are you shipping with?",
        "你好，怎么退货？",
        "",
    ],
)
def test_a_question_is_no_courtesy(message: str) -> None:
    assert phrases.courtesy(message) is None


@pytest.mark.parametrize(
    ("message", "language"),
    [("怎么退货？", "zh-hans"), ("How?", "en"), ("iPhone 怎么退货呢？", "zh-hans"), ("42", "de")],
)
def test_the_language_is_that_of_the_message(message: str, language: str) -> None:
    assert phrases.language_of(message, fallback="de") == language


def test_a_question_back_names_the_competing_subjects() -> None:
    asked = phrases.which_one(["Returns", "Exchanges"], language="en")
    assert "Returns" in asked
    assert "Exchanges" in asked
    assert asked.endswith("?")


@pytest.mark.parametrize(
    "said",
    [
        phrases.nothing_found(language="en"),
        phrases.unavailable_knowledge(language="en"),
        phrases.reply_to_courtesy(Courtesy.PERSON, language="en"),
    ],
)
def test_whoever_gets_no_answer_is_told_where_people_are_reached(said: str) -> None:
    assert "contact details" in said
