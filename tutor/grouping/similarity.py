"""How alike two answers are: by the vectors of their meaning and by their letters, which forgive a slip of the pen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float32]
    Embed = Callable[[Sequence[str]], "NDArray[np.floating]"]

MEANING, LETTERS = 0.75, 0.25
_ARTICLES = frozenset(("the", "a", "an", "der", "die", "das", "ein", "eine", "le", "la", "les", "un", "une"))
_GRAMS = (2, 4)
# Agreement of marks by similarity, counted over pairs of answers to the same question in two public sets of short
# answers (SciEntsBank and Beetle, training parts): alike is not yet equally right.
_SIMILARITIES = (0.0, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.0)
_AGREEMENTS = (0.57, 0.59, 0.61, 0.63, 0.68, 0.75, 0.81, 1.0)


def normalised(text: str) -> str:
    """Return the words of an answer without case, accents, punctuation and articles."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    words = re.sub(r"[^\w\s]|_", " ", plain).split()
    return " ".join(word for word in words if word not in _ARTICLES) or " ".join(words)


def similarities(texts: Sequence[str], others: Sequence[str], *, embed: Embed) -> tuple[Numbers, Numbers]:
    """Return similarities (0 to 1) among ``texts`` and from them to ``others``: (n, n) and (n, m)."""
    vectors = _unit(embed([*texts, *others]))
    grams = _grams([*texts, *others])
    count = len(texts)
    every = MEANING * np.clip(vectors[:count] @ vectors.T, 0.0, 1.0) + LETTERS * (grams[:count] @ grams.T).toarray()
    every = np.clip(every, 0.0, 1.0).astype(np.float32)
    return every[:, :count], every[:, count:]


def agreement(similarity: Numbers) -> Numbers:
    """Return how often two answers as alike as this got the same mark."""
    found: Numbers = np.interp(similarity, _SIMILARITIES, _AGREEMENTS).astype(np.float32)
    return found


def _unit(vectors: NDArray[np.floating]) -> Numbers:
    found = np.asarray(vectors, dtype=np.float32)
    lengths = np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    unit: Numbers = found / lengths
    return unit


def _grams(texts: Sequence[str]) -> Any:
    """Return weighted letter n-grams as a sparse matrix, rows of length 1."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=_GRAMS, sublinear_tf=True, dtype=np.float32)
    try:
        return vectoriser.fit_transform(texts)
    except ValueError:
        # Nothing but blanks: then nothing is alike by its letters.
        from scipy import sparse

        return sparse.csr_matrix((len(texts), 1), dtype=np.float32)
