"""A text cut where notes begin and end, so that it can be shown with each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (not included) and the ``label`` of the note on them."""

    start: int
    end: int
    label: str
    is_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that the same notes are on; ``ends`` are the labels of those that end with it."""

    text: str
    is_evidence: bool = False
    is_annotated: bool = False
    ends: tuple[str, ...] = ()


def cut(text: str, spans: Sequence[Span]) -> tuple[Piece, ...]:
    """Return the text in pieces, in order. Spans may overlap; those that do not lie in the text are left out."""
    inside = [span for span in spans if 0 <= span.start < span.end <= len(text)]
    borders = sorted({0, len(text), *(span.start for span in inside), *(span.end for span in inside)})
    pieces = []
    for start, end in pairwise(borders):
        over = [span for span in inside if span.start <= start and end <= span.end]
        pieces.append(
            Piece(
                text[start:end],
                is_evidence=any(span.is_evidence for span in over),
                is_annotated=any(not span.is_evidence for span in over),
                ends=tuple(span.label for span in over if span.end == end),
            )
        )
    return tuple(pieces)
