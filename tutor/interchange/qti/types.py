"""What is read of a file of questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

LETTERS: Final = "abcdefghijklmnopqrst"
"""The ids of options, as the editor gives them."""


class UnsupportedItemError(Exception):
    """An item is of a kind that is not taken over. The message is for people."""


@dataclass(frozen=True, slots=True)
class ReadOption:
    id: str
    text: str
    correct: bool
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """A question of a file. ``kind`` is one of ``Question.Kind``; ``notes`` say what of it was left out."""

    title: str
    kind: str
    prompt: str
    points: Decimal
    options: tuple[ReadOption, ...] = ()
    references: tuple[str, ...] = ()
    numeric_value: float | None = None
    numeric_tolerance: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """An item that is not taken over, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """The questions of a file, and every item of it that is left out."""

    questions: tuple[ReadQuestion, ...]
    skipped: tuple[SkippedItem, ...] = field(default=())
