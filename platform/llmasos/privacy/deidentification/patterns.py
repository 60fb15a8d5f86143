"""A pattern with its check and the words that must stand near it, and how a table of them is searched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from llmasos.privacy.deidentification.types import EntityType, Finding

NEAR = 60
"""Characters before a match (and half as many behind it) in which a word that gives it its meaning may stand."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of identifier looks like.

    ``check`` says whether a match can be one; a match that passes scores 1. ``near`` are words of which one must
    stand near the match: for forms that many other numbers share. ``score`` holds where there is no check.
    The finding is the group ``it`` where the pattern names one, else the whole match.
    """

    name: str
    type: EntityType
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None
    near: re.Pattern[str] | None = None
    score: float = 0.85

    def findings(self, text: str) -> Iterator[Finding]:
        group = "it" if "it" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            start, end = match.span(group)
            if start == end or (self.check is not None and not self.check(text[start:end])):
                continue
            if self.near is not None and not self.near.search(around(text, start, end)):
                continue
            yield Finding(start, end, self.type, 1.0 if self.check is not None else self.score, self.name)


def around(text: str, start: int, end: int) -> str:
    """Return what stands near, with the match itself blotted out, on lower case."""
    return f"{text[max(0, start - NEAR) : start]} \0 {text[end : end + NEAR // 2]}".casefold()


def words(*alternatives: str) -> re.Pattern[str]:
    """Return a pattern for any of these words or phrases, each a regular expression, in whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)


def search(rules: Sequence[Rule], text: str) -> list[Finding]:
    return [finding for rule in rules for finding in rule.findings(text)]
