"""What of a model's tokens is shown: whole characters, and nothing from a stop sequence on."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from llmasos.inference.backends.wording import TextOut


def decode(tokens: Sequence[int]) -> str:
    return bytes(tokens).decode("utf-8", errors="replace")


def shown(text: str, stops: Sequence[str], sizes: Sequence[int]) -> tuple[str, str]:
    """Return what is shown of a text whose bytes come as tokens, so many at a time, and why it ended."""
    pieces: list[str] = []
    out = TextOut(decode, stops, lambda piece: bool(pieces.append(piece)))
    data, at = text.encode(), 0
    for size in [*sizes, len(data)]:
        if out.take(list(data[at : at + size])):
            break
        at += size
    out.end()
    assert "" not in pieces
    return "".join(pieces), out.reason


SIZES = st.lists(st.integers(1, 5), max_size=40)
LETTERS = st.text(alphabet="ab é中😀", max_size=30)


@given(LETTERS, SIZES)
def test_all_text_is_shown_however_its_tokens_fall(text: str, sizes: list[int]) -> None:
    assert shown(text, (), sizes) == (text, "")


@given(LETTERS, st.lists(st.text(alphabet="ab ", min_size=1, max_size=4), min_size=1, max_size=3), SIZES)
def test_nothing_of_a_stop_sequence_is_shown(text: str, stops: list[str], sizes: list[int]) -> None:
    found, reason = shown(text, stops, sizes)
    assert text.startswith(found)
    assert not any(stop in found for stop in stops)
    assert reason == ("stop" if any(stop in text for stop in stops) else "")
    if not reason:
        assert found == text


def test_a_reader_who_wants_no_more_gets_no_more() -> None:
    pieces: list[str] = []
    out = TextOut(decode, (), lambda piece: bool(pieces.append(piece)) or True)
    assert out.take(list(b"a"))
    assert out.take(list(b"b"))
    assert (pieces, out.reason) == (["a"], "cancelled")
