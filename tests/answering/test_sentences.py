from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmasos.answering.sentences import Splitter, split


def texts(source: str) -> list[str]:
    return [sentence.text for sentence in split(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Pay by card. Cash is not taken!", ["Pay by card.", "Cash is not taken!"]),
        ("It costs $9.50 today. Dr. Lee agrees.", ["It costs $9.50 today.", "Dr. Lee agrees."]),
        ("Use version 6.15.0 e.g. on Linux.", ["Use version 6.15.0 e.g. on Linux."]),
        ("J. R. Smith wrote it. He won.", ["J. R. Smith wrote it.", "He won."]),
        ("A line that was\nwrapped by hand.\n\nNext.", ["A line that was\nwrapped by hand.", "Next."]),
        ("- Open the app\n- Press send", ["- Open the app", "- Press send"]),
        ("可以退货。运费自理！还有问题吗？", ["可以退货。", "运费自理！", "还有问题吗？"]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


def test_a_heading_is_known_as_one() -> None:
    assert [s.heading for s in split("## Returns\nSend it back.")] == [True, False]


@given(st.text(alphabet="ab. !?\n。-#1'\"", max_size=80))
def test_every_sentence_is_an_exact_slice(source: str) -> None:
    for sentence in split(source):
        assert source[sentence.start : sentence.end] == sentence.text
        assert sentence.text.strip() == sentence.text != ""


@given(st.text(alphabet="abC. !?\n。", max_size=60), st.integers(1, 7))
def test_text_in_pieces_keeps_every_character_of_its_sentences(source: str, size: int) -> None:
    splitter = Splitter()
    found = [s for i in range(0, len(source), size) for s in splitter.feed(source[i : i + size])]
    found += splitter.close()
    assert "".join("".join(found).split()) == "".join(source.split())


def test_a_sentence_is_given_as_soon_as_the_next_one_begins() -> None:
    splitter = Splitter()
    assert splitter.feed("Pay by card. ") == []
    assert splitter.feed("Cash ") == ["Pay by card."]
    assert splitter.close() == ["Cash"]
