"""Words, sentences and numbers of an answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tutor.engine.lexicon import ANTONYMS, NEGATIONS, STOP_WORDS

# Other marks are typed for an apostrophe too: isn"t, isn`t.
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+|[\"´`^](?:t|s|m|d|re|ve|ll)\b)*")
_APOSTROPHES = str.maketrans("", "", "'’\"´`^")
_SENTENCE = re.compile(r"[^.!?;\n]+(?:[.!?;](?=\d)[^.!?;\n]*)*[.!?;]*")
_CLAUSE_WORDS = re.compile(
    r"\s*(?:,|;|:|\.(?!\d)|\n|!|\?|\b(?:and|but|because|so|while|whereas|then|or|when|if|which)\b)\s*", re.IGNORECASE
)
_NUMBER = re.compile(r"\d")


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text in order, folded to lower case, apostrophes dropped."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return tuple(match.translate(_APOSTROPHES) for match in _WORD.findall(folded))


def normalised(text: str) -> str:
    """Return the text as its words alone, so that equal wordings are equal strings."""
    return " ".join(words(text))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return a word without its commonest English endings; crude, and the same for both sides of a comparison."""
    for ending, least in (("ically", 4), ("ations", 4), ("ation", 4), ("ing", 3), ("edly", 4), ("ies", 3), ("ied", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            root = word[: -len(ending)]
            return root + "y" if ending in ("ies", "ied") else _undoubled(root)
    for ending in ("ed", "es", "ly", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return _undoubled(word[: -len(ending)])
    return word


def _undoubled(root: str) -> str:
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeiouls":
        return root[:-1]
    return root[:-1] if root.endswith("e") and len(root) > 3 else root


def content(tokens: Iterable[str]) -> list[str]:
    """Return the stems of the words that carry meaning; negations do, single letters may (an option, a variable)."""
    return [stem(word) for word in tokens if word not in STOP_WORDS]


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of a text's sentences, without white space at their ends."""
    spans = []
    for match in _SENTENCE.finditer(text):
        piece = match.group()
        start = match.start() + len(piece) - len(piece.lstrip())
        end = match.start() + len(piece.rstrip())
        if end > start and words(text[start:end]):
            spans.append((start, end))
    return spans


def clauses(text: str, *, least_words: int = 2) -> list[str]:
    """Return the parts of a text between punctuation and joining words; the whole text where it has one part."""
    parts = [part for part in _CLAUSE_WORDS.split(text) if len(words(part)) >= least_words]
    return parts or [text]


def numbers(tokens: Sequence[str]) -> frozenset[str]:
    return frozenset(token.replace(",", ".") for token in tokens if _NUMBER.match(token))


def negations(tokens: Sequence[str]) -> int:
    return sum(token in NEGATIONS for token in tokens)


def antonym_clashes(answer: frozenset[str], reference: frozenset[str]) -> int:
    """Count the reference's words whose opposite the answer has, while it has not the word itself."""
    return sum(bool(ANTONYMS.get(word, frozenset()) & answer) and word not in answer for word in reference)
