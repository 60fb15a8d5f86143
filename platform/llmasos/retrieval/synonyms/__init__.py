"""Other words for what a Chinese question says.

Chinese questions share few characters with the passages that answer them when they say it in other words, and the
default embedding model knows no Chinese.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from importlib.resources import files

from llmasos.retrieval.languages import term_weight, unspaced_terms

SYNONYM_WEIGHT = 0.5
"""What a term of a synonym counts, as a share of a term that was said."""


def expanded_terms(text: str) -> dict[str, float]:
    """Return the terms of the synonyms of what a question says, each with its weight."""
    groups, known = _dictionary()
    expanded: dict[str, float] = {}
    for word in known.findall(text):
        for synonym in groups[word] - {word}:
            for term in unspaced_terms(synonym):
                expanded[term] = SYNONYM_WEIGHT * term_weight(term)
    return expanded


@cache
def _dictionary() -> tuple[dict[str, frozenset[str]], re.Pattern[str]]:
    """Return each word's group, and a pattern that finds the longest words first."""
    lines = files(__name__).joinpath("zh.txt").read_text(encoding="utf-8").splitlines()
    groups: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for line in lines:
        words = frozenset(line.split()) if not line.startswith("#") else frozenset()
        for word in words:
            groups[word] |= words
    # A single character is part of too many words to stand for one of them.
    longest_first = sorted((word for word in groups if len(word) > 1), key=len, reverse=True)
    return dict(groups), re.compile("|".join(map(re.escape, longest_first)))
