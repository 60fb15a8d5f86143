from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from llmasos.client.events import EventDecoder, ServerSentEvent


def decode(*chunks: bytes) -> list[ServerSentEvent]:
    decoder = EventDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def test_event_carries_data_name_and_id() -> None:
    assert decode(b'id: 7-0\nevent: token\ndata: {"a": 1}\n\n') == [
        ServerSentEvent(data='{"a": 1}', event="token", id="7-0")
    ]


def test_data_lines_are_joined_by_line_feeds() -> None:
    assert [event.data for event in decode(b"data: one\ndata:two\n\n")] == ["one\ntwo"]


def test_comments_and_events_without_data_are_left_out() -> None:
    assert decode(b": keepalive\n\nevent: nothing\n\ndata: x\n\n") == [ServerSentEvent(data="x")]


def test_unicode_line_breaks_inside_text_do_not_end_a_line() -> None:
    text = "a\u2028b\u0085c\x0bd"
    assert [event.data for event in decode(f"data: {text}\n\n".encode())] == [text]


@given(st.lists(st.integers(min_value=0, max_value=60), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_result_does_not_depend_on_where_the_bytes_are_cut(cuts: list[int], end: str) -> None:
    whole = end.join(["id: 1", "data: día ü", "", ": note", "data: 中文", "data: two", "", "", ""]).encode()
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut <= len(whole))})
    pieces = [whole[start:stop] for start, stop in pairwise(edges)]
    events = decode(*pieces)
    # A lone CR at the very end stays open until the next byte shows whether an LF follows.
    assert [event.data for event in events] == ["día ü", "中文\ntwo"]
