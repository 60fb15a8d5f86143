from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tutor.results.pieces import Span, cut

SPANS = st.lists(
    st.builds(Span, st.integers(-2, 30), st.integers(-2, 30), st.sampled_from("AB12"), st.booleans()), max_size=6
)


@given(text=st.text(max_size=25), spans=SPANS)
def test_the_pieces_make_the_text_whatever_the_spans(text: str, spans: list[Span]) -> None:
    assert "".join(piece.text for piece in cut(text, spans)) == text


@given(text=st.text(max_size=25), spans=SPANS)
def test_each_span_in_the_text_ends_once(text: str, spans: list[Span]) -> None:
    inside = [span.label for span in spans if 0 <= span.start < span.end <= len(text)]
    assert sorted(label for piece in cut(text, spans) for label in piece.ends) == sorted(inside)


def test_overlapping_notes_are_both_shown() -> None:
    pieces = cut("abcdef", [Span(0, 4, "A", is_evidence=True), Span(2, 6, "1")])
    assert [(one.text, one.is_evidence, one.is_annotated, one.ends) for one in pieces] == [
        ("ab", True, False, ()),
        ("cd", True, True, ("A",)),
        ("ef", False, True, ("1",)),
    ]
