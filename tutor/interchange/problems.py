"""What is wrong with a file, or with one row of it, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


class UnreadableFileError(Exception):
    """The file as a whole cannot be read. The message is for people: it says what to do and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault in one row. ``line`` counts the file's lines from 1, ``column`` is the header's own word (or empty).

    ``advice`` says what is wrong and what to do, without quoting personal text. A ``note`` does not keep its row out.
    """

    line: int
    column: str
    advice: str
    file: str = ""
    note: bool = False
