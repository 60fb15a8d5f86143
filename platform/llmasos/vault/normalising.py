"""What is the same when people are looked for: folded names and their beginnings, identifiers, days.

Names are folded to lower-case letters without marks; each token is found whole, and by its beginnings of three
letters or more. Names in Chinese characters, kana or Hangul have no spaces to part them: they are found by each
character and by each two that follow each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

SHORTEST_PREFIX = 3
LONGEST_PREFIX = 24
# Letters that do not come apart into a letter and a mark.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)
# The other way in which the same names are written where the marks are missing.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+")
# Marks that make another letter of a kana, where the others only accent one.
_VOICING = frozenset("\u3099\u309a")
# Parts of one name rather than two: O'Brien, Smith-Jones.
_JOINTS = re.compile(r"(?<=\w)['’ʼ`´\-‐‑·・](?=\w)")


def name_entries(name: str) -> frozenset[str]:
    """Return everything under which a name is filed."""
    return frozenset(_entries(name))


def name_queries(text: str) -> tuple[frozenset[str], ...]:
    """Return, for each token of what somebody typed, the entries of which one must be there.

    A token of one or two letters finds only a whole token; a character finds every name that has it.
    """
    return tuple(dict.fromkeys(_queries(text)))


def identifier_entries(value: str) -> frozenset[str]:
    """Return the one entry of an identifier, whatever its spaces, hyphens, dots, slashes and case."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    kept = "".join(folded.split()) if "@" in folded else re.sub(r"[\W_]+", "", folded)
    return frozenset({f"id:{kept}"}) if kept else frozenset()


def day_entries(value: date | str) -> frozenset[str]:
    """Return the one entry of a day, given as such or in ISO 8601. Raises ``ValueError`` for other text."""
    day = value if isinstance(value, date) else date.fromisoformat(value)
    return frozenset({f"day:{day.isoformat()[:10]}"})


def fold(text: str) -> str:
    """Return lower-case text without marks."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(one for one in decomposed if one in _VOICING or not unicodedata.combining(one))
    return unicodedata.normalize("NFC", plain).translate(_LETTERS)


def _entries(name: str) -> Iterator[str]:
    for token, _ in _tokens(name):
        if _UNSPACED.fullmatch(token):
            yield from (f"c:{character}" for character in token)
            yield from (f"c:{token[at : at + 2]}" for at in range(len(token) - 1))
        else:
            yield f"w:{token}"
            yield from (f"p:{token[:length]}" for length in range(SHORTEST_PREFIX, min(len(token), LONGEST_PREFIX) + 1))


def _queries(text: str) -> Iterator[frozenset[str]]:
    alternatives: dict[int, set[str]] = {}
    begins: dict[int, bool] = {}
    for token, group in _tokens(text, joined_only=True):
        if _UNSPACED.fullmatch(token):
            pairs = [token[at : at + 2] for at in range(len(token) - 1)] or [token]
            yield from (frozenset({f"c:{pair}"}) for pair in pairs)
        else:
            # Spelling two letters out to three makes no beginning of them: as first written they decide.
            is_beginning = begins.setdefault(group, len(token) >= SHORTEST_PREFIX)
            alternatives.setdefault(group, set()).add(f"p:{token[:LONGEST_PREFIX]}" if is_beginning else f"w:{token}")
    yield from (frozenset(found) for found in alternatives.values())


def _tokens(text: str, *, joined_only: bool = False) -> Iterator[tuple[str, int]]:
    """Yield each folded token with the number of the word it comes from, in its spellings."""
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    group = 0
    for written in dict.fromkeys((lowered, lowered.translate(_SPELT_OUT))):
        group = 0
        for word in _JOINTS.sub("\0", written).replace("\0", "'").split():
            parts = [part for piece in word.split("'") for part in _parts(fold(piece))]
            if "'" in word and not any(_UNSPACED.fullmatch(part) for part in parts):
                joined = "".join(parts)
                if joined:
                    yield joined, group
                parts = [] if joined_only else parts
            for offset, part in enumerate(parts):
                yield part, group + offset
            group += max(1, len(parts))


def _parts(folded: str) -> Iterator[str]:
    # Letters, figures, and the vowel signs of scripts that write vowels as marks.
    for word in "".join(one if unicodedata.category(one)[0] in "LNM" else " " for one in folded).split():
        at = 0
        for found in _UNSPACED.finditer(word):
            if found.start() > at:
                yield word[at : found.start()]
            yield found.group()
            at = found.end()
        if at < len(word):
            yield word[at:]
