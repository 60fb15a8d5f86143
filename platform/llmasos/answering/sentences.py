"""Sentences of English and Chinese text, as exact slices of it.

A quotation must be verbatim, so a sentence is a span of its passage and never a cleaned-up copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ABBREVIATIONS = (
    "mr mrs ms dr prof sr jr st no nos vs etc approx dept est fig inc ltd co corp e.g i.e a.m p.m u.s u.k cf"
    " jan feb mar apr jun jul aug sep sept oct nov dec min max tel vol pp"
)
# A full stop after one of these does not end a sentence.
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
WIDE_END = "。！？；"
CLOSERS = "\"'”’)]」』）】*_"

_LIST_ITEM = re.compile(r"^\s*(?:[-*+•·]|\d{1,3}[.)]|[a-zA-Z][.)]|#{1,6}|>|\|)\s+\S")
_HEADING_MARK = re.compile(r"^\s*#{1,6}\s")
_BEFORE_STOP = re.compile(r"([A-Za-z][A-Za-z.]*)$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and where it lies: ``source[start:end] == text``."""

    text: str
    start: int
    end: int
    heading: bool = False


def split(source: str) -> list[Sentence]:
    """Return the sentences of ``source`` in order, without surrounding white space; none is empty."""
    found: list[Sentence] = []
    for start, end in _blocks(source):
        heading = bool(_HEADING_MARK.match(source[start:end]))
        cut = start
        for stop in _stops(source, start, end):
            _add(found, source, cut, stop, heading=heading)
            cut = stop
        _add(found, source, cut, end, heading=heading)
    return found


class Splitter:
    """Cuts sentences out of text that arrives in pieces; a sentence is given once it is surely complete."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[str]:
        """Add text; return the sentences that it completed."""
        self._rest += piece
        found = split(self._rest)
        if len(found) < 2:
            return []
        whole = found[:-1]
        self._rest = self._rest[found[-1].start :]
        return [sentence.text for sentence in whole]

    def close(self) -> list[str]:
        """Return what is left: its last sentence may have been cut off."""
        found, self._rest = split(self._rest), ""
        return [sentence.text for sentence in found]


def complete(text: str) -> bool:
    """Say whether the text ends as a sentence does, and not where a length limit cut it."""
    bare = text.rstrip().rstrip(CLOSERS)
    return bool(bare) and bare[-1] in ".!?" + WIDE_END


def _add(found: list[Sentence], source: str, start: int, end: int, *, heading: bool) -> None:
    while start < end and source[start].isspace():
        start += 1
    while end > start and source[end - 1].isspace():
        end -= 1
    if end > start:
        found.append(Sentence(source[start:end], start, end, heading))


def _blocks(source: str) -> list[tuple[int, int]]:
    """Paragraphs, list items and headings. A line that runs on in the next one stays joined to it."""
    blocks: list[tuple[int, int]] = []
    position = 0
    previous = ""
    for line in source.splitlines(keepends=True):
        end = position + len(line)
        if not line.strip():
            previous = ""
        elif blocks and previous and _runs_on(previous, line):
            blocks[-1] = (blocks[-1][0], end)
            previous = line
        else:
            blocks.append((position, end))
            previous = line
        position = end
    return blocks


def _runs_on(line: str, following: str) -> bool:
    """A hard-wrapped line: no sentence end, and the next begins in lower case."""
    start = following.lstrip()[:1]
    ended = complete(line) or line.rstrip().endswith((":", "："))
    if ended or _LIST_ITEM.match(following) or _HEADING_MARK.match(line):
        return False
    return start.islower()


def _stops(source: str, start: int, end: int) -> list[int]:
    """Where sentences end within a block: just after the stop and what closes with it."""
    stops: list[int] = []
    position = start
    while position < end:
        mark = source[position]
        after = position + 1
        if mark in WIDE_END or mark in ".!?":
            while after < end and (source[after] in CLOSERS or source[after] in ".!?" + WIDE_END):
                after += 1
            if after < end and (mark in WIDE_END or _ends_here(source, start, position, after, end)):
                stops.append(after)
        position = after
    return stops


def _ends_here(source: str, start: int, position: int, after: int, end: int) -> bool:
    """Judge a Western stop: white space and then something that can begin a sentence must follow."""
    if not source[after].isspace():
        return False
    following = source[after:end].lstrip()[:2]
    if not following or following[0].islower():
        return False
    if source[position] != ".":
        return True
    before = _BEFORE_STOP.search(source[max(start, position - 12) : position])
    if before is None:
        # "1. Open the page": the number of a list item at the start of its block.
        return not source[start:position].strip().isdigit()
    word = before.group(1)
    return word.lower() not in ABBREVIATIONS and not (len(word) == 1 and word.isupper() and following[0].isupper())
