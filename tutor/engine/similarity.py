"""Similarities of texts: words aligned by their vectors, character n-grams, longest common runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def cosine(left: Floats, right: Floats) -> Floats:
    """Return the cosines [m, n] of rows [m, d] and [n, d] of any length."""
    unit = [one / np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-9) for one in (left, right)]
    result: Floats = unit[0] @ unit[1].T
    return result


def overlap(answer: Sequence[str], reference: Sequence[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the answer's words over the reference's, counted as often as they occur."""
    if not answer or not reference:
        return 0.0, 0.0, 0.0
    shared = sum((Counter(answer) & Counter(reference)).values())
    precision, recall = shared / len(answer), shared / len(reference)
    return precision, recall, 2 * precision * recall / (precision + recall) if shared else 0.0


def ngrams(text: str, size: int) -> Counter[str]:
    padded = f" {text} "
    return Counter(padded[start : start + size] for start in range(len(padded) - size + 1))


def longest_common_subsequence(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many words the two have in common in the same order."""
    from rapidfuzz.distance import LCSseq

    return int(LCSseq.similarity(left, right))


def gram_matrix(texts: Sequence[str], others: Sequence[str]) -> Floats:
    """Return the cosines [texts, others] of their character 3- and 4-grams, rarer ones weighing more."""
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    if not any(map(str.strip, [*texts, *others])):
        return np.zeros((len(texts), len(others)))
    vectoriser = CountVectorizer(analyzer="char_wb", ngram_range=(3, 4), dtype=np.float64)
    if texts is others:
        counts = vectoriser.fit_transform(texts)
        counts = sparse.vstack([counts, counts], format="csr")
    else:
        counts = vectoriser.fit_transform([*texts, *others])
    fitted = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    result: Floats = (fitted[: len(texts)] @ fitted[len(texts) :].T).toarray()
    return result
