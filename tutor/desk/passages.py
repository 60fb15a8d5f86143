"""An answer's text cut where evidence and notes begin and end, and into its sentences.

Places are counted in characters of the text (Unicode code points), as the engine and the annotations count them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tutor.marking.types import AnnotationView, CriterionProposalView

# A sentence ends with its mark and the quotation marks or brackets behind it, or with the line.
_SENTENCE = re.compile(r"[^.!?。！？\n]*[.!?。！？]+[\"'”’»)\]]*|[^.!?。！？\n]+")
LONGEST_LABEL = 90


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that share the same evidence and notes. ``criteria`` and ``notes`` are numbers counted from 1.

    Criterion 0 is the answer as a whole, whose number is not written.
    ``ends_criteria`` and ``ends_notes`` are those whose last piece this is: there the page writes their number.
    """

    text: str
    criteria: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()
    ends_criteria: tuple[int, ...] = ()
    ends_notes: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """The numbers to write behind the piece."""
        return "".join(
            [f" {number}" for number in self.ends_criteria if number] + [f" *{number}" for number in self.ends_notes]
        )


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence to which a note can be pinned; ``value`` is "start-end"."""

    start: int
    end: int
    label: str

    @property
    def value(self) -> str:
        return f"{self.start}-{self.end}"


def pieces(
    text: str,
    *,
    evidence: Sequence[tuple[int, CriterionProposalView]] = (),
    notes: Sequence[tuple[int, AnnotationView]] = (),
) -> tuple[Piece, ...]:
    """Cut the text so that each piece is evidence and noted as a whole or not at all.

    ``evidence`` and ``notes`` come with the number under which the page shows them. Spans beyond the text are cut off,
    empty ones left out. The pieces' texts joined are the text.
    """
    length = len(text)
    spans = [
        (kind, number, max(0, start), min(length, end))
        for kind, number, start, end in (
            *(("criterion", number, one.start, one.end) for number, one in evidence),
            *(("note", number, one.start, one.end) for number, one in notes),
        )
        if start is not None and end is not None and max(0, start) < min(length, end)
    ]
    cuts = sorted({0, length, *(start for *_, start, _end in spans), *(end for *_, end in spans)})

    def numbers(kind: str, begin: int, end: int, *, last: bool = False) -> tuple[int, ...]:
        return tuple(
            sorted({n for k, n, s, e in spans if k == kind and s <= begin and end <= e and (not last or e == end)})
        )

    return tuple(
        Piece(
            text[begin:end],
            numbers("criterion", begin, end),
            numbers("note", begin, end),
            numbers("criterion", begin, end, last=True),
            numbers("note", begin, end, last=True),
        )
        for begin, end in itertools.pairwise(cuts)
        if begin < end
    )


def sentences(text: str) -> tuple[Passage, ...]:
    """Return the sentences of the text, without the blanks around them; the label is cut to one line."""
    found = []
    for match in _SENTENCE.finditer(text):
        words = match.group().strip()
        if not words:
            continue
        start = match.start() + match.group().index(words)
        line = " ".join(words.split())
        label = line if len(line) <= LONGEST_LABEL else f"{line[: LONGEST_LABEL - 1]}…"
        found.append(Passage(start, start + len(words), label))
    return tuple(found)
