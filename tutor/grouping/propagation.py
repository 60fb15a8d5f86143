"""Carrying a few marks over to all answers of a question, and asking for the mark that says most about the others.

A Gaussian process over the similarity of answers (Rasmussen and Williams 2006, chapter 2): each mark pulls the answers
like it, and the references pull from the beginning. The next answer to be marked is the one that takes away most
uncertainty about the answers not yet clear, counted with their number (Seo and others 2000).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tutor.engine import neighbours
from tutor.engine.features import Vectors
from tutor.engine.similarity import gram_matrix
from tutor.engine.types import Response
from tutor.grouping.similarity import apart_from, normalised, without

if TYPE_CHECKING:
    from tutor.grouping.similarity import Embed, Numbers

FULL = "correct"
"""The verdict that likeness to a reference speaks for."""
_REACH = 2.0
_NOISE = 0.05
_CLEAR = 0.15
# How far likeness to a reference moves the chance of being right before any mark: up to this much from one half.
_REFERENCE_PULL = 0.45
_REFERENCE_SLOPE, _REFERENCE_MIDDLE = 6.0, 0.55


class Propagation:
    """The answers to one question, the marks given so far, and what follows for the others.

    A mark is any text: a verdict, a level, a score. Answers that are equal after normalising count as one. What all
    answers share with the question tells none of them apart, so its words and its meaning are left out of them.
    """

    def __init__(
        self, answers: Sequence[Response], *, embed: Embed, references: Sequence[str] = (), prompt: str = ""
    ) -> None:
        self.answers = tuple(answers)
        texts = [normalised(answer.text) for answer in self.answers]
        self.distinct: list[str] = list(dict.fromkeys(texts))
        number = {text: at for at, text in enumerate(self.distinct)}
        self.row = np.array([number[text] for text in texts], dtype=np.int64)
        self.count = np.bincount(self.row, minlength=len(self.distinct)).astype(np.float32)
        self.first = {int(row): at for at, row in reversed(list(enumerate(self._rows())))}
        wanted = [normalised(reference) for reference in references if reference.strip()]
        vectors = Vectors(apart_from(prompt, embed))
        told, meant = without(prompt, self.distinct), without(prompt, wanted)
        with ThreadPoolExecutor(max_workers=1) as pool:
            # Letters are compared while the model service works on the meanings.
            letters = pool.submit(gram_matrix, told, told)
            vectors.add(self.distinct)
            both = neighbours.alike(self.distinct, self.distinct, vectors, letters=letters.result())
        self.alike: Numbers = both.astype(np.float32)
        to_references = neighbours.alike(self.distinct, wanted, vectors, letters=gram_matrix(told, meant))
        self._marks: dict[int, str] = {}
        self._prior = self._from_references(to_references.astype(np.float32))
        # One column of beliefs for each mark seen; a mark that nobody has given is believed nowhere.
        self._beliefs: dict[str, Numbers] = {}

    @cached_property
    def _covariance(self) -> Numbers:
        """How much one answer's mark says of another's; it shrinks with each mark. Groups alone need none of it."""
        covariance: Numbers = np.exp((self.alike - 1.0) / _REACH)
        return covariance

    def _rows(self) -> list[int]:
        rows: list[int] = self.row.tolist()
        return rows

    def next(self) -> str | None:
        """Return the id of the answer whose mark would say most; None when every distinct answer is marked."""
        if len(self._marks) == len(self.distinct):
            return None
        unclear = self.count * np.exp(-(((self._clearness() - 0.5) / _CLEAR) ** 2))
        gain = unclear @ np.square(self._covariance) / (np.diag(self._covariance) + _NOISE)
        gain[list(self._marks)] = -1.0
        return self.answers[self.first[int(np.argmax(gain))]].id

    def mark(self, answer_id: str, mark: str) -> None:
        """Take a mark in. Raises KeyError for an unknown answer."""
        row = self._row_of(answer_id)
        if mark not in self._beliefs:
            self._beliefs[mark] = self._replayed(mark)
        pull = self._covariance[:, row] / (self._covariance[row, row] + _NOISE)
        for one, belief in self._beliefs.items():
            belief += pull * (float(one == mark) - belief[row])
        self._pulls.append((row, pull, mark))
        self._covariance = self._covariance - np.outer(pull, self._covariance[row])
        self._marks[row] = mark

    def marks(self) -> Mapping[str, str]:
        """Return a mark for every answer: its own, else the one believed most. Empty before the first mark."""
        if not self._beliefs:
            return {}
        names = list(self._beliefs)
        best = np.argmax(np.stack([self._beliefs[name] for name in names]), axis=0)
        found = [self._marks.get(row, names[int(best[row])]) for row in range(len(self.distinct))]
        return {answer.id: found[row] for answer, row in zip(self.answers, self._rows(), strict=True)}

    def exemplar_rows(self) -> list[int]:
        """Return the rows of the distinct answers marked, in their order."""
        return list(self._marks)

    _pulls: list[tuple[int, Numbers, str]]

    def _from_references(self, to_references: Numbers) -> Numbers:
        self._pulls = []
        if not to_references.shape[1]:
            return np.full(len(self.distinct), 0.5, dtype=np.float32)
        nearest = to_references.max(axis=1)
        right = 1 / (1 + np.exp(-_REFERENCE_SLOPE * (nearest - _REFERENCE_MIDDLE)))
        pulled: Numbers = (0.5 + 2 * _REFERENCE_PULL * (right - 0.5)).astype(np.float32)
        return pulled

    def _replayed(self, mark: str) -> Numbers:
        """Return the belief in a mark seen for the first time, as the marks so far leave it."""
        belief: Numbers = self._prior.copy() if mark == FULL else (1.0 - self._prior).astype(np.float32)
        if mark != FULL:
            belief /= max(1, sum(name != FULL for name in self._beliefs) + 1)
        for row, pull, given in self._pulls:
            belief += pull * (float(given == mark) - belief[row])
        return belief

    def _clearness(self) -> Numbers:
        """Return how far the leading mark stands above one half, or below it while only the references speak."""
        if not self._beliefs:
            return self._prior
        if FULL in self._beliefs:
            return self._beliefs[FULL]
        leading: Numbers = np.max(np.stack(list(self._beliefs.values())), axis=0)
        return leading

    def _row_of(self, answer_id: str) -> int:
        for answer, row in zip(self.answers, self._rows(), strict=True):
            if answer.id == answer_id:
                return row
        raise KeyError(answer_id)
