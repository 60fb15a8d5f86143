"""Words of a text with their places, reduced to stems so that inflected and differently spelt forms meet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

_TOKEN = re.compile(r"light[ -]headed(?:ness)?|[a-z0-9]+(?:[.][0-9]+)?(?:['’][a-z]+)?|[^\sa-z0-9]", re.IGNORECASE)
_DIGRAPH = re.compile(r"(?:ae|oe)(?=[a-z]{2})")
_SENTENCE_ENDS = frozenset(".;!?")
# What is written with a full stop and goes on: "poss. fracture", "this a.m.".
_SHORTENED = frozenset(
    {
        "ant", "approx", "bilat", "cerv", "dr", "ext", "int", "irreg", "lat", "mod", "mr", "mrs", "ms", "poss", "prev",
        "prob", "resp", "st", "susp", "unilat",
    }
)  # fmt: skip
_IRREGULAR = {
    "threw": "throw", "thrown": "throw", "swollen": "swell", "felt": "feel", "feels": "feel", "bled": "bleed",
    "lost": "lose", "losing": "lose", "ate": "eat", "eaten": "eat", "fell": "fall", "fallen": "fall",
    "woke": "wake", "waking": "wake", "woken": "wake", "slept": "sleep", "teeth": "tooth", "feet": "foot",
    "worse": "worse", "gotten": "get", "got": "get", "getting": "get", "went": "go", "gone": "go", "going": "go",
    "goes": "go", "came": "come", "coming": "come", "bitten": "bite", "children": "child",
    "kids": "child", "kid": "child", "periods": "period", "lungs": "lung", "broke": "break", "broken": "break",
    "shook": "shake", "shaken": "shake", "shaking": "shake", "spoke": "speak", "stools": "stool",
    "bowels": "bowel", "drank": "drink", "drunk": "drunk", "hurts": "hurt", "hurting": "hurt", "seen": "see",
    "saw": "see", "heard": "hear", "stuck": "stick", "tore": "tear", "torn": "tear", "kept": "keep",
    "drooping": "droop", "droopy": "droop", "itchy": "itch", "achy": "ache", "wheezy": "wheeze", "scaly": "scale",
    "flaky": "flake", "phlegmy": "phlegm", "sweaty": "sweat", "shivery": "shiver", "crusty": "crust",
    "watery": "water", "sneezy": "sneeze", "bloody": "blood", "testes": "testis",
    "cannot": "cant", "does": "do", "using": "use", "spotting": "spottin", "painful": "pain", "painless": "painless",
}  # fmt: skip


# Words of grammar, and abbreviations, that no other word is reduced to: a toe is not "to", hives are not HIV.
_NEVER_A_STEM = frozenset(
    {
        "be", "bit", "can", "do", "gum", "has", "head", "her", "his", "hiv", "lif", "may", "me", "min", "new", "on",
        "pant", "pe", "ring", "scratch", "screen", "temp", "to", "train", "us", "voice", "we",
    }
)  # fmt: skip

# What is faint without anybody's fainting.
_FAINT = frozenset(
    {
        "bruise", "bruising", "crackles", "erythema", "line", "mark", "murmur", "pulse", "rash", "redness", "scar",
        "smell", "trace", "wheeze",
    }
)  # fmt: skip
# Words that carry their own denial.
_DENYING = {"afebrile": ("no", "fever"), "apyrexial": ("no", "fever"), "apyrexic": ("no", "fever")}

# Marks of shorthand that stand for a word.
_MARKS = {"↓": "reduced", "↑": "increased"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark: as written in small letters, its stem, and its place in the text."""

    word: str
    stem: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Split a text. A line break between words becomes a full stop."""
    found: list[Token] = []
    place = 0
    for match in _TOKEN.finditer(text):
        if "\n" in text[place : match.start()] and found and found[-1].word not in _SENTENCE_ENDS:
            found.append(Token(".", ".", place, match.start()))
        word = _MARKS.get(match[0], match[0].lower().replace("’", "'"))
        if word.startswith("light") and "head" in word:
            word = "lightheaded"
        parts = _DENYING.get(word, (word,))
        found.extend(Token(part, stem(part), match.start(), match.end()) for part in parts)
        place = match.end()
    return [
        replace(token, word="slight", stem="slight") if token.word == "faint" and following.word in _FAINT else token
        for token, following in zip(found, [*found[1:], *found[-1:]], strict=True)
    ]


def sentences(found: list[Token]) -> list[list[Token]]:
    """Group tokens by sentence; a semicolon ends one as well, "?jaundice" does not."""
    groups: list[list[Token]] = [[]]
    for number, (token, following) in enumerate(zip(found, [*found[1:], None], strict=False)):
        if token.word == "." and following is not None and _is_of_a_short_form(found, number):
            continue
        groups[-1].append(token)
        queries = token.word == "?" and following is not None and (following.start == token.end or len(groups[-1]) == 1)
        if token.word in _SENTENCE_ENDS and not queries:
            groups.append([])
    return [group for group in groups if group]


def _is_of_a_short_form(found: Sequence[Token], number: int) -> bool:
    before, after = found[number - 1 : number], found[number + 1]
    if not before or before[0].end != found[number].start:
        return False
    # The first full stop of "a.m." and "p.m.", and of "e.g." and "i.e.".
    return before[0].word in _SHORTENED or (len(before[0].word) == 1 and after.start == found[number].end)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Reduce a word in small letters. The result is for comparison only; it need not be a word."""
    word = word.replace("'", "")
    if len(word) > 6:
        word = _DIGRAPH.sub("e", word)
    word = _IRREGULAR.get(word, word)
    for shorter in (_without_s, _without_ending, _without_e):
        reduced = shorter(word)
        word = word if reduced in _NEVER_A_STEM else reduced
    return word


def beginning(written: str) -> str:
    """Reduce the beginning of words in small letters, so that it is one of their stems or of the words themselves."""
    return _without_e(_DIGRAPH.sub("e", written) if len(written) > 6 else written)


def _without_s(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word


def _without_ending(word: str) -> str:
    for suffix in ("ing", "ed"):
        if len(word) > len(suffix) + 2 and word.endswith(suffix) and not word.endswith("eed"):
            word = word[: -len(suffix)]
            return word[:-1] if word[-1] == word[-2] and word[-1] not in "sle" else word
    return word


def _without_e(word: str) -> str:
    return word[:-1] if len(word) > 2 and word.endswith("e") else word
