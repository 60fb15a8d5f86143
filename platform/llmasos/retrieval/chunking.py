"""Cutting documents into chunks that the embedding model reads whole, along their own structure.

Sections are packed together while they fit; what does not fit is cut between paragraphs, then sentences,
then words. No character but white space is lost, and none appears twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llmasos.retrieval.parsing.types import Section
from llmasos.retrieval.tokens import TokenCounter

TARGET_TOKENS = 220
LEAST_TOKENS = 96
WINDOW_TOKENS = 250
HEADING_TOKENS = 64

_PIECE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？；])[”’」』）]*|\n+")


@dataclass(frozen=True, slots=True)
class Passage:
    """One chunk to be: its place in the document, its text and the text that is embedded."""

    heading_path: tuple[str, ...]
    text: str
    embedded_text: str
    token_count: int


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    tokens: int
    heading_path: tuple[str, ...]
    opens: bool


def pieces(text: str) -> list[str]:
    """Split text after sentences and at line ends; joined again the pieces are the text."""
    cuts = [match.end() for match in _PIECE.finditer(text)]
    starts = [0, *cuts]
    return [part for start, end in zip(starts, [*cuts, len(text)], strict=True) if (part := text[start:end])]


def sentences(text: str) -> list[str]:
    """Return the sentences and lines of a text, without white space around them."""
    return [stripped for piece in pieces(text) if (stripped := piece.strip())]


def windows(text: str, *, counter: TokenCounter, tokens: int = WINDOW_TOKENS) -> list[str]:
    """Cut a long query into parts of at most ``tokens``, between sentences where possible."""
    packed = _packed(_sized([Section(text=text)], counter=counter, budget=tokens), budget=tokens)
    return ["".join(piece.text for piece in group).strip() for group in packed] or [text.strip()]


def passages(*, title: str, sections: Sequence[Section], counter: TokenCounter) -> list[Passage]:
    """Cut a document into passages.

    The embedded text is the title, the heading path and the passage; together they fit into what the model reads.
    """
    heading = counter.beginning(title.strip(), tokens=HEADING_TOKENS)
    room = counter.limit - counter.count(heading) - 1
    budget = max(LEAST_TOKENS, min(TARGET_TOKENS, room))
    result = []
    for group in _packed(_sized(sections, counter=counter, budget=budget), budget=budget):
        text = "".join(piece.text for piece in group).strip()
        if not text:
            continue
        path = group[0].heading_path
        context = [heading] if heading else []
        # A heading that stands in the passage itself need not be said twice.
        above = path[:-1] if group[0].opens else path
        tokens = counter.count(text)
        line = counter.beginning(" › ".join(part for part in above if part != title), tokens=HEADING_TOKENS)
        if line and counter.count(line) + tokens < room:
            context.append(line)
        result.append(Passage(path, text, "\n".join([*context, text]), tokens))
    return result


def _sized(sections: Sequence[Section], *, counter: TokenCounter, budget: int) -> list[_Piece]:
    parts: list[tuple[str, tuple[str, ...], bool]] = []
    for section in sections:
        body = f"{section.heading_path[-1]}\n{section.text}" if section.heading_path else section.text
        # Sections and pages are told apart by a line end, also where one does not end with it.
        first = bool(section.heading_path)
        for piece in pieces(body if body.endswith("\n") else f"{body}\n"):
            parts.append((piece, section.heading_path, first))
            first = False
    counts = counter.counts([text for text, _, _ in parts])
    result: list[_Piece] = []
    for (text, path, opens), tokens in zip(parts, counts, strict=True):
        if tokens <= budget:
            result.append(_Piece(text, tokens, path, opens))
        else:
            result.extend(_Piece(part, counter.count(part), path, opens and not index)
                          for index, part in enumerate(_cut(text, counter=counter, budget=budget)))  # fmt: skip
    return result


def _cut(text: str, *, counter: TokenCounter, budget: int) -> Iterator[str]:
    """Cut a long piece at white space where there is some, else between tokens; each part fits."""
    while text:
        ends = counter.ends(text)
        if len(ends) <= budget:
            yield text
            return
        end = max(ends[budget - 1], 1)
        space = max(text.rfind(" ", 0, end), text.rfind("\t", 0, end))
        end = space + 1 if space > end // 2 else end
        # A cut may change how the tokenizer reads the word at its edge.
        while counter.count(text[:end]) > budget and end > 1:
            end -= 1
        yield text[:end]
        text = text[end:]


def _packed(sized: Sequence[_Piece], *, budget: int) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    total = 0
    for piece in sized:
        if group and total + piece.tokens > budget:
            # A heading stays with what it heads.
            carried = [group.pop()] if group[-1].opens and len(group) > 1 else []
            yield group
            group, total = carried, sum(one.tokens for one in carried)
            if group and total + piece.tokens > budget:
                yield group
                group, total = [], 0
        group.append(piece)
        total += piece.tokens
    if group:
        yield group
