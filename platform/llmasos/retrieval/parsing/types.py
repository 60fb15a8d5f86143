from __future__ import annotations

from dataclasses import dataclass


class UnreadableError(Exception):
    """A document cannot be read; the message is for the person who imported it."""


@dataclass(frozen=True, slots=True)
class Section:
    """Text under a path of headings, outermost first."""

    text: str
    heading_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a document says. ``is_question``: the title is a question and the sections answer it."""

    title: str
    sections: tuple[Section, ...]
    url: str = ""
    is_question: bool = False
