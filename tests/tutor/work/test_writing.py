from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.work.pseudonyms import draw_pseudonym
from tutor.work.writing import cleaned, count_words, split_quantity


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("  \n ", 0), ("Don't stop, it's 9.81 m/s!", 5), ("水的沸点", 4), ("水 boils 在 100", 4), ("– – …", 0)],
)
def test_words_are_counted_as_a_reader_would(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("9.81 m/s²", ("9.81", "m/s²")),
        ("-3,5e-4kg", ("-3,5e-4", "kg")),
        ("3 × 10^8 m/s", ("3 × 10^8", "m/s")),
        ("12 000 J", ("12 000", "J")),
        ("42", ("42", "")),
        ("about ten", ("about ten", "")),
        ("", ("", "")),
    ],
)
def test_a_number_comes_apart_from_its_unit(text: str, quantity: tuple[str, str]) -> None:
    assert split_quantity(text) == quantity


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_whatever_was_typed_can_be_stored_and_stays_the_same(text: str) -> None:
    once = cleaned(text)
    once.encode()
    assert "\x00" not in once
    assert cleaned(once) == once


def test_a_taken_pseudonym_is_not_drawn_again() -> None:
    drawn = [draw_pseudonym() for _ in range(50)]
    assert draw_pseudonym(drawn) not in drawn
