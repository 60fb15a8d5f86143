"""Passages that two answers share word for word, found by an index of word runs instead of comparing all pairs.

Runs of five words (shingles; Broder 1997) are looked up where they occur. Runs that the question, the references or the
course's material have too say nothing, nor do runs that many answers have. It is said where words are the same, never
who wrote them first.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

RUN: Final = 5
"""Words in a row that must be the same to count as shared."""
LEAST_WORDS: Final = 12
"""Shared words from which a pair is shown; two characters of a script without spaces count as a word."""
LEAST_SHARE: Final = 0.4
"""The part of the shorter answer that they must make up."""
COMMON_SHARE: Final = 0.02
COMMON_LEAST: Final = 10
_UNSPACED: Final = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN: Final = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*")

_UNSPACED_ONE: Final = re.compile(f"[{_UNSPACED}]")

Run = int
"""The hash of a run's words, which is quicker to look up than they are; it never leaves the process."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Alike:
    """Two answers with passages in common: their spans (start, end) in each text, and how much that is.

    ``words`` are the shared words of the answer that has fewer, ``share`` their part of the shorter answer.
    """

    first: str
    second: str
    words: int
    share: float
    first_spans: tuple[Span, ...]
    second_spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """An answer as the spans of its tokens, how much each counts, and its runs by where they start."""

    spans: tuple[Span, ...]
    weights: tuple[float, ...]
    runs: tuple[Run, ...]

    @classmethod
    def of(cls, text: str) -> _Read:
        found = list(_TOKEN.finditer(text))
        tokens = [one.group().casefold() for one in found]
        weights = tuple(0.5 if _UNSPACED_ONE.match(token) else 1.0 for token in tokens)
        runs = tuple(hash(tuple(tokens[at : at + RUN])) for at in range(len(tokens) - RUN + 1))
        return cls(tuple(one.span() for one in found), weights, runs)


def alike(answers: Mapping[str, str], known: Iterable[str]) -> list[Alike]:
    """Return the pairs of answers with enough in common, the most first.

    ``answers`` are texts by id; ``known`` are texts whose runs do not count: the question, references, the material.
    """
    read = {one: _Read.of(text) for one, text in answers.items()}
    where: dict[Run, list[str]] = defaultdict(list)
    for one, taken in read.items():
        for run in dict.fromkeys(taken.runs):
            where[run].append(one)
    many = max(COMMON_LEAST, COMMON_SHARE * len(read))
    shared = {run: those for run, those in where.items() if 1 < len(those) <= many}
    for text in known:
        for run in _Read.of(text).runs:
            shared.pop(run, None)
    common: Counter[tuple[str, str]] = Counter()
    for those in shared.values():
        common.update(combinations(those, 2))
    # So many words in one piece have this many runs; in two pieces they have fewer and are found by the rest.
    candidates = [pair for pair, count in common.items() if count >= LEAST_WORDS // 2 - 1]
    found = [_compared(first, second, read, shared) for first, second in candidates]
    kept = [one for one in found if one.words >= LEAST_WORDS and one.share >= LEAST_SHARE]
    return sorted(kept, key=lambda one: (-one.share, -one.words, one.first, one.second))


def _compared(first: str, second: str, read: Mapping[str, _Read], counting: Mapping[Run, Sequence[str]]) -> Alike:
    one, other = read[first], read[second]
    both = {run for run in set(one.runs).intersection(other.runs) if run in counting}
    mine, theirs = _covered(one, both), _covered(other, both)
    words = min(_weight(one, mine), _weight(other, theirs))
    shorter = min(sum(one.weights), sum(other.weights))
    return Alike(
        first, second, int(words), words / shorter if shorter else 0.0, _spans(one, mine), _spans(other, theirs)
    )


def _covered(read: _Read, runs: set[Run]) -> list[int]:
    inside = {at + offset for at, run in enumerate(read.runs) if run in runs for offset in range(RUN)}
    return sorted(inside)


def _weight(read: _Read, places: Iterable[int]) -> float:
    return sum(read.weights[at] for at in places)


def _spans(read: _Read, places: Sequence[int]) -> tuple[Span, ...]:
    """Return the spans of the text that these tokens cover, neighbours joined."""
    spans: list[Span] = []
    last = -2
    for at in places:
        start, end = read.spans[at]
        if at == last + 1:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        last = at
    return tuple(spans)
