"""When two answers are one, and how often answers that are alike deserve the same mark."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]
    Embed = Callable[[Sequence[str]], "NDArray[np.floating]"]

_ARTICLES = frozenset(("the", "a", "an", "der", "die", "das", "ein", "eine", "le", "la", "les", "un", "une"))
# Agreement of marks by similarity without what the question says, counted over pairs of answers to the same question in
# two public sets of short answers (SciEntsBank and Beetle, training parts): alike is not yet equally right.
_SIMILARITIES = (0.0, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.0)
_AGREEMENTS = (0.57, 0.62, 0.65, 0.66, 0.72, 0.78, 0.83, 1.0)


def normalised(text: str) -> str:
    """Return the words of an answer without case, accents, punctuation and articles."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    words = re.sub(r"[^\w\s]|_", " ", plain).split()
    return " ".join(word for word in words if word not in _ARTICLES) or " ".join(words)


def without(prompt: str, texts: Sequence[str]) -> list[str]:
    """Return normalised texts without the words of a question; one that has no others stays as it is."""
    asked = frozenset(normalised(prompt).split())
    return [" ".join(word for word in text.split() if word not in asked) or text for text in texts]


def apart_from(prompt: str, embed: Embed) -> Embed:
    """Return an ``embed`` whose vectors say nothing of what a question means: the part along its own is taken out."""
    if not prompt.strip():
        return embed
    asked: list[NDArray[np.floating]] = []

    def embedded(texts: Sequence[str]) -> NDArray[np.floating]:
        if not asked:
            (vector,) = embed([normalised(prompt)])
            asked.append(vector / max(float(np.linalg.norm(vector)), 1e-9))
        vectors = np.asarray(embed(texts))
        result: NDArray[np.floating] = vectors - np.outer(vectors @ asked[0], asked[0])
        return result

    return embedded


def agreement(similarity: Numbers) -> Numbers:
    """Return how often two answers as alike as this got the same mark."""
    found: Numbers = np.interp(similarity, _SIMILARITIES, _AGREEMENTS).astype(np.float32)
    return found
