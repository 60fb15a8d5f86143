"""Wrong answers made of a reference's words: what a model is shown, so that it learns to tell them from honest ones."""

from __future__ import annotations

import random
from collections.abc import Callable

from tutor.engine import text
from tutor.engine.lexicon import STOP_WORDS

_JOINTS = (*sorted(STOP_WORDS), "causes", "goes with", "is in the", "makes", "means", "needs", "shows", "uses")
_BEGINNINGS = (
    "",
    "because",
    "I know that",
    "I think",
    "it",
    "it is because",
    "so",
    "the answer is that",
    "they",
    "this",
)

Scramble = Callable[[str, str, random.Random], str]


def _keywords(reference: str, chance: random.Random) -> list[str]:
    words = [word for word in text.words(reference) if word not in STOP_WORDS]
    chance.shuffle(words)
    return words


def _any_order(reference: str, wrong: str, chance: random.Random) -> str:
    words = reference.split()
    chance.shuffle(words)
    return " ".join(words)


def _pieces(reference: str, wrong: str, chance: random.Random) -> str:
    words, size = reference.split(), chance.choice((2, 2, 3, 4))
    pieces = [" ".join(words[at : at + size]) for at in range(0, len(words), size)]
    chance.shuffle(pieces)
    return " ".join(pieces)


def _turned(reference: str, wrong: str, chance: random.Random) -> str:
    words = reference.split()
    at = chance.randint(1, max(1, len(words) - 1))
    return " ".join(words[at:] + words[:at])


def _listed(reference: str, wrong: str, chance: random.Random) -> str:
    words = chance.choice((" ", ", ", " and ")).join(_keywords(reference, chance))
    return chance.choice(("{1}", "{0} {1}", "{0}. {1}", "{1} {0}")).format(wrong, words)


def _joined(reference: str, wrong: str, chance: random.Random) -> str:
    parts: list[str] = []
    for word in _keywords(reference, chance):
        if parts:
            parts.append(chance.choice(_JOINTS))
        if chance.random() < 0.4:
            parts.append(chance.choice(("a", "its", "the")))
        parts.append(word)
    words = f"{chance.choice(_BEGINNINGS)} {' '.join(parts)}"
    return chance.choice(("{1}", "{0} {1}", "{0}. {1}")).format(wrong, words)


def _scattered(reference: str, wrong: str, chance: random.Random) -> str:
    words = wrong.split()
    for word in _keywords(reference, chance):
        words.insert(chance.randint(0, len(words)), word)
    return " ".join(words)


SCRAMBLES: tuple[Scramble, ...] = (_any_order, _pieces, _turned, _listed, _joined, _scattered)


def scrambled(reference: str, wrong: str, chance: random.Random) -> str:
    """Return a reference's words in one of the ways, where that asks for it beside a wrong answer."""
    return chance.choice(SCRAMBLES)(reference, wrong, chance)
