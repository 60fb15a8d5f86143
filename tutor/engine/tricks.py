"""Telling words put together for a marker's machine from an answer, learnt from honest and scrambled ones.

Two things give a trick away: small words and endings follow each other as in no sentence, and a reference's words are
nearly all there without its order or what stood beside them. Neither is enough: honest answers turn a sentence round.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from tutor.engine import text
from tutor.engine.lexicon import NEGATIONS, STOP_WORDS
from tutor.engine.scrambling import scrambled
from tutor.engine.similarity import Floats, longest_common_subsequence

_ENDINGS = ("ing", "tion", "ness", "ment", "ous", "ful", "est", "ed", "er", "ly", "al", "ic", "s", "y", "e")
_WINDOW = 7
_HASHES = 2**13
_ENGLISH = 0.15
_FOLDS = 3
_HELD_BACK = 0.02
"""Share of honest right answers to new questions that may be held back for a person."""
_LIMITS = (0.5, 0.99)
_THERE = 0.5
"""Share of a reference's meaning words below which an answer is no trick with it."""


@dataclass(frozen=True, slots=True)
class Honest:
    """Honest answers to a question with its references, and which of them are right."""

    references: tuple[str, ...]
    answers: tuple[str, ...]
    right: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Tricks:
    """A fitted detector: ``fluency`` rates windows of word shapes, ``trees`` the whole; a trick is above ``limit``."""

    fluency: Any
    trees: Any
    limit: float

    def found(self, references: Sequence[str], answers: Sequence[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return for each answer whether it is a trick with the words of the references."""
        if not answers or not usable(references):
            return np.zeros(len(answers), dtype=bool)
        compared = np.array([_compared(references, one) for one in answers])
        seen = np.hstack([compared, _fluency(self.fluency, answers)])
        return np.asarray((compared[:, 0] >= _THERE) & (self.trees.predict_proba(seen)[:, 1] > self.limit))


def usable(references: Sequence[str]) -> bool:
    """Whether references have meaning words, and small words of English: what is learnt here is no other language."""
    words = [word for one in references for word in text.words(one)]
    small = sum(word in STOP_WORDS for word in words)
    return _ENGLISH * len(words) <= small < len(words)


def fit(honest: Sequence[Honest]) -> Tricks | None:
    """Learn from honest answers and as many scrambled references; None where too few questions are ``usable``.

    The limit is cross-fitted: questions are held out, and it lies where few of their right answers are held back.
    """
    known = [one for one in honest if usable(one.references) and one.answers]
    if len(known) < _FOLDS:
        return None
    chance = random.Random(0)  # noqa: S311 - repeatable, hides nothing
    made = [_with_tricks(one, chance) for one in known]
    compared = [
        np.array([_compared(one.references, said) for said in texts]) for one, texts in zip(known, made, strict=True)
    ]
    fold = np.random.default_rng(0).permutation(len(known)) % _FOLDS
    rated: list[float] = []
    for number in range(_FOLDS):
        inside = np.flatnonzero(fold != number)
        fluency, trees = _learnt(
            [known[at] for at in inside], [made[at] for at in inside], [compared[at] for at in inside]
        )
        for at in np.flatnonzero(fold == number):
            right = np.flatnonzero(known[at].right)
            if len(right):
                texts = [known[at].answers[row] for row in right]
                seen = np.hstack([compared[at][right], _fluency(fluency, texts)])
                rated += trees.predict_proba(seen)[:, 1].tolist()
    limit = float(np.clip(np.quantile(rated, 1 - _HELD_BACK), *_LIMITS)) if rated else _LIMITS[1]
    return Tricks(*_learnt(known, made, compared), limit)


def _with_tricks(one: Honest, chance: random.Random) -> tuple[str, ...]:
    """Return the honest answers and behind them as many tricks with the references."""
    wrong = [answer for answer, right in zip(one.answers, one.right, strict=True) if not right] or [""]
    bare = {text.words(reference) for reference in one.references}
    tricks = (scrambled(chance.choice(one.references), chance.choice(wrong), chance) for _answer in one.answers)
    return (*one.answers, *(trick for trick in tricks if text.words(trick) not in bare))


def _learnt(known: Sequence[Honest], made: Sequence[Sequence[str]], compared: Sequence[Floats]) -> tuple[Any, Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    fluency = _fluent([answer for one in known for answer in (*one.answers, *one.references)])
    seen = np.hstack([np.vstack(compared), _fluency(fluency, [one for texts in made for one in texts])])
    trick = np.concatenate([np.arange(len(texts)) >= len(one.answers) for one, texts in zip(known, made, strict=True)])
    trees = HistGradientBoostingClassifier(
        max_iter=120,
        learning_rate=0.08,
        max_leaf_nodes=10,
        min_samples_leaf=30,
        l2_regularization=5.0,
        random_state=0,
    )
    trees.fit(seen, trick)
    return fluency, trees


def _fluent(honest: Sequence[str]) -> Any:
    """Fit how unlike a sentence a window of word shapes is, on honest texts and the same texts scrambled."""
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    chance = random.Random(0)  # noqa: S311 - repeatable, hides nothing
    windows: list[str] = []
    odd: list[bool] = []
    for one in honest:
        words = text.words(one)
        if len(words) < 3:
            continue
        for said in (words, *(text.words(scrambled(one, "", chance)) for _time in range(2))):
            found = _windows(said) if said is words or said != words else []
            windows += found
            odd += [said is not words] * len(found)
    pieces = HashingVectorizer(
        token_pattern=r"\S+",  # noqa: S106 - no password
        ngram_range=(1, 3),
        n_features=_HASHES,
        alternate_sign=False,
        norm=None,
        lowercase=False,
    )
    fluency = make_pipeline(pieces, LogisticRegression(C=0.05, max_iter=200))
    fluency.fit(windows, odd)
    return fluency


def _shape(word: str) -> str:
    if word in STOP_WORDS or word in NEGATIONS:
        return word
    if word[0].isdigit():
        return "0"
    if len(word) == 1:
        return "X"
    return next((f"-{one}" for one in _ENDINGS if word.endswith(one) and len(word) > len(one) + 2), "-")


def _shapes(words: Sequence[str]) -> list[str]:
    return ["^", *map(_shape, words), "$"]


def _windows(words: Sequence[str]) -> list[str]:
    shapes = _shapes(words)
    return [" ".join(shapes[at : at + _WINDOW]) for at in range(max(1, len(shapes) - _WINDOW + 1))]


def _fluency(fluency: Any, texts: Sequence[str]) -> Floats:
    """Return how unlike a sentence the windows of each text are: mean, worst, mean of the three worst, best."""
    windows = [_windows(text.words(one)) for one in texts]
    rated = fluency.decision_function([one for found in windows for one in found])
    rows, at = [], 0
    for found in windows:
        mine = np.sort(rated[at : at + len(found)])
        at += len(found)
        rows.append((mine.mean(), mine[-1], mine[-3:].mean(), mine[0]))
    return np.array(rows)


class _Taken:
    """A text taken apart: words, stems of meaning, what stands beside what, and the shapes around each stem."""

    def __init__(self, given: str) -> None:
        self.words = text.words(given)
        self.content = text.content(self.words)
        self.bag = frozenset(self.content)
        self.small = [word for word in self.words if word in STOP_WORDS]
        self.pairs = frozenset(pairwise(self.words))
        self.content_pairs = frozenset(pairwise(self.content))
        shapes = _shapes(self.words)
        self.around: dict[str, tuple[set[str], set[str]]] = {}
        for at, word in enumerate(self.words):
            left, right = self.around.setdefault(text.stem(word), (set(), set()))
            left.add(shapes[at])
            right.add(shapes[at + 2])


def _against(answer: _Taken, reference: _Taken) -> tuple[float, ...]:
    """Return how much of the reference is there, how much of the answer is from it, how much of its order is kept."""
    wanted = reference.bag
    shared = wanted & answer.bag
    in_order = longest_common_subsequence(reference.content, answer.content)
    words_in_order = longest_common_subsequence(reference.words, answer.words)
    around = [(answer.around[stem], reference.around[stem]) for stem in shared]
    return (
        len(shared) / len(wanted),
        sum(stem in wanted for stem in answer.content) / max(1, len(answer.content)),
        in_order / len(reference.content),
        words_in_order / len(reference.words),
        longest_common_subsequence(reference.small, answer.small) / max(1, len(reference.small)),
        len(answer.pairs & reference.pairs) / max(1, len(reference.words) - 1),
        len(answer.content_pairs & reference.content_pairs) / max(1, len(reference.content_pairs)),
        float(np.mean([bool(mine[0] & its[0]) for mine, its in around])) if around else 1.0,
        float(np.mean([bool(mine[1] & its[1]) for mine, its in around])) if around else 1.0,
        len(shared) - in_order,
        (len(answer.words) - words_in_order) / len(reference.words),
        min(30, len(reference.content)),
        min(40, len(reference.words)),
    )


def _alone(answer: _Taken) -> tuple[float, ...]:
    run = longest = 0
    for word in answer.words:
        run = 0 if word in STOP_WORDS else run + 1
        longest = max(longest, run)
    count = len(answer.words)
    return (longest, len(answer.small) / max(1, count), min(60, count), len(answer.content) - len(answer.bag))


def _compared(references: Sequence[str], answer: str) -> tuple[float, ...]:
    """Return the answer against the reference that most of it is taken from."""
    given = _Taken(answer)
    taken = [one for one in (_Taken(reference) for reference in references) if one.content]
    return (*max((_against(given, one) for one in taken), key=lambda one: (one[1], one[0])), *_alone(given))
