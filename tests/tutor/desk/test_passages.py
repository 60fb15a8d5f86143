from __future__ import annotations

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from tutor.desk.passages import pieces, sentences
from tutor.marking.types import AnnotationView, CriterionProposalView

PLACE = st.integers(-3, 60)
SPANS = st.lists(st.tuples(PLACE, PLACE), max_size=5)


def evidence(number: int, start: int | None, end: int | None) -> tuple[int, CriterionProposalView]:
    from decimal import Decimal

    return number, CriterionProposalView("c", "yes", Decimal(1), 0.9, start, end)


def note(number: int, start: int, end: int) -> tuple[int, AnnotationView]:
    return number, AnnotationView(uuid4(), start, end, "see", "", mine=True)


@given(st.text(max_size=50), SPANS, SPANS)
def test_the_pieces_are_the_text(text: str, found: list[tuple[int, int]], noted: list[tuple[int, int]]) -> None:
    cut = pieces(
        text,
        evidence=[evidence(number, *span) for number, span in enumerate(found, 1)],
        notes=[note(number, *span) for number, span in enumerate(noted, 1)],
    )
    assert "".join(piece.text for piece in cut) == text


@given(st.text(min_size=1, max_size=50), st.data())
def test_a_span_is_marked_from_end_to_end(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    cut = pieces(text, evidence=[evidence(3, start, end)])
    assert "".join(piece.text for piece in cut if 3 in piece.criteria) == text[start:end]
    assert [piece.ends_criteria for piece in cut if piece.ends_criteria] == [(3,)]


def test_overlapping_spans_share_a_piece() -> None:
    cut = pieces("abcdef", evidence=[evidence(1, 0, 4)], notes=[note(1, 2, 6)])
    assert [(one.text, one.criteria, one.notes) for one in cut] == [
        ("ab", (1,), ()),
        ("cd", (1,), (1,)),
        ("ef", (), (1,)),
    ]


def test_a_criterion_without_evidence_marks_nothing() -> None:
    assert [one.criteria for one in pieces("abc", evidence=[evidence(1, None, None)])] == [()]


@given(st.text(max_size=200))
def test_a_sentence_stands_where_it_says(text: str) -> None:
    for one in sentences(text):
        assert text[one.start : one.end].strip() == text[one.start : one.end] != ""


def test_sentences_end_with_their_marks() -> None:
    text = "It gets warm. “Why?” 水蒸发了。然后\nThe end"
    assert [text[one.start : one.end] for one in sentences(text)] == [
        "It gets warm.",
        "“Why?”",
        "水蒸发了。",
        "然后",
        "The end",
    ]
