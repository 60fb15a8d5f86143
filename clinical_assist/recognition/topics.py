"""What a clause is about where only an earlier one names it: "ear pain since Sunday, now discharging", "it leaks"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from clinical_assist.recognition.text import Token, stem

_PARTS = frozenset(
    stem(word)
    for word in (
        "abdomen", "ankle", "arm", "back", "belly", "breast", "bowels", "calf", "cheek", "chest", "ear", "elbow", "eye",
        "eyelid", "face", "finger", "foot", "groin", "gum", "hair", "hand", "head", "heel", "hip", "jaw", "joint",
        "knee", "leg", "lip", "mouth", "nail", "neck", "nipple", "nose", "penis", "scalp", "shoulder", "skin",
        "stomach", "testicle", "throat", "thumb", "toe", "tongue", "tonsils", "tooth", "tummy", "vagina", "vaginal",
        "vulva", "wrist",
    )
)  # fmt: skip
_TOPICS = _PARTS | frozenset(
    stem(word)
    for word in (
        "appetite", "cough", "discharge", "gland", "headache", "hearing", "lump", "memory", "mole", "mood", "pain",
        "period", "phlegm", "poo", "rash", "sight", "speech", "spots", "sputum", "stool", "urine", "vision", "voice",
        "vomit", "wee", "weight",
    )
)  # fmt: skip
_ONE, _SEVERAL = frozenset({"it", "it's", "its"}), frozenset({"they", "they're", "these", "both"})
# "It hurts when I pee" is of nothing that was named.
_OF_NOTHING = frozenset({"when", "whenever", "to", "if", "like", "was", "started", "began", "takes", "comes"})
_SUBJECTS = frozenset({"i", "he", "she", "we"})
_APART = 16


def last_of(sentence: Iterable[Token]) -> list[Token]:
    """The topics of a sentence in their order."""
    return [token for token in sentence if token.stem in _TOPICS]


def with_antecedents(sentence: Sequence[Token], before: Sequence[Token]) -> list[Token]:
    """The sentence with what "it" and "they" stand for in their place; ``before`` are topics of the sentence before."""
    named = list(before)
    heard = []
    for number, token in enumerate(sentence):
        if token.stem in _TOPICS:
            named.append(token)
        elif token.word in _ONE | _SEVERAL and named:
            behind = sentence[number + 1 : number + 7]
            if _OF_NOTHING.isdisjoint(other.word for other in behind[:3]) and not _names_a_part(behind):
                token = replace(token, stem=_meant(named, several=token.word in _SEVERAL).stem)
        heard.append(token)
    return heard


def _names_a_part(behind: Sequence[Token]) -> bool:
    """Whether the statement names what it is about itself: "it's my jaw that aches"."""
    statement = takewhile(lambda token: token.word not in {",", "and", "but"}, behind)
    return any(token.stem in _PARTS for token in statement)


def is_carried(sentence: Sequence[Token], one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether a part of the body is still what a later clause is about: no other is named between or right behind."""
    earlier, later = (one, other) if one[0] < other[0] else (other, one)
    if len(earlier) > 1 or sentence[earlier[0]].stem not in _PARTS or later[0] - earlier[0] > _APART:
        return False
    between, behind = sentence[earlier[0] + 1 : later[0]], sentence[later[-1] + 1 : later[-1] + 4]
    parted = any(token.word == "," for token in between)
    return (
        parted
        and not any(token.stem in _PARTS or token.word in _SUBJECTS for token in between)
        and not any(token.stem in _TOPICS for token in behind)
    )


def _meant(named: Sequence[Token], *, several: bool) -> Token:
    """The last topic named in the number of the pronoun; else the last."""
    fitting = [token for token in named if (token.word.endswith("s") and not token.word.endswith("ss")) == several]
    return fitting[-1] if fitting else named[-1]
