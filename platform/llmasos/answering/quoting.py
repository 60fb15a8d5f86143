"""Which sentences of the passages to quote: exact slices, the nearest to the question, never an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llmasos.answering import screening, sentences, words
from llmasos.answering.evidence import LONGEST_WEIGHT

PASSAGES = 3
CANDIDATES = 8
SHOWN = 2
SIMILARITY_SHARE = 0.7
# A sentence just below a heading or a question that asks the same answers it.
INHERITED = 0.9
SECOND_AT_LEAST = 0.85
UNFINISHED_COSTS = 0.1
LONGEST = 600
LEADING = -1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of passage ``passage`` (index) at ``position`` among its sentences."""

    text: str
    passage: int
    position: int
    coverage: float
    quotable: bool
    finished: bool
    similarity: float = 0.0

    @property
    def worth(self) -> float:
        near = SIMILARITY_SHARE * self.similarity + (1 - SIMILARITY_SHARE) * self.coverage
        return near if self.finished else near - UNFINISHED_COSTS


def candidates(question: str, passages: Sequence[str], titles: Sequence[str] = ()) -> list[Candidate]:
    """Return the sentences worth comparing with the question, chosen by shared words and the passages' rank.

    A title that asks (an entry of a list of frequent questions) leads its passage at position -1: what it asks is
    answered below it, often in words that share nothing with the question.
    """
    asked = set(words.content_forms(question))
    weight = {word: min(len(word), LONGEST_WEIGHT) for word in asked}
    total = sum(weight.values()) or 1
    found: list[Candidate] = []
    for index, passage in enumerate(passages[:PASSAGES]):
        title = titles[index] if index < len(titles) else ""
        if asks(title):
            shared = asked.intersection(words.content_forms(title))
            covered = sum(weight[word] for word in shared) / total
            found.append(Candidate(title, index, LEADING, covered, quotable=False, finished=True))
        for position, sentence in enumerate(sentences.split(screening.usable(passage))):
            shared = asked.intersection(words.content_forms(sentence.text))
            covered = sum(weight[word] for word in shared) / total
            finished = sentences.complete(sentence.text)
            quotable = _quotable(sentence, weighty_words=1 if asks(title) else 3)
            found.append(Candidate(sentence.text, index, position, covered, quotable, finished))
    chosen = sorted(found, key=lambda one: one.coverage - 0.1 * one.passage - 0.002 * one.position, reverse=True)
    kept = {(one.passage, one.position) for one in chosen[:CANDIDATES]}
    # What follows a heading or question that was chosen is where its answer starts.
    kept |= {(one.passage, one.position + 1) for one in chosen[:CANDIDATES] if not one.quotable}
    kept |= {(one.passage, position) for one in found if one.position == LEADING for position in (LEADING, 0, 1)}
    return [one for one in found if (one.passage, one.position) in kept]


def choose(found: Sequence[Candidate], similarity: Sequence[float]) -> list[Candidate]:
    """Return one or two sentences to quote, best first; none if no candidate can be quoted."""
    rated = [replace(one, similarity=value) for one, value in zip(found, similarity, strict=True)]
    worth = {(one.passage, one.position): one.worth for one in rated}
    leading = {(one.passage, one.position) for one in rated if not one.quotable}

    def value(one: Candidate) -> float:
        inherited = [
            INHERITED ** (one.position - position) * worth[one.passage, position]
            for position in (one.position - 1, LEADING)
            if (one.passage, position) in leading
        ]
        return max([one.worth, *inherited])

    best = sorted((one for one in rated if one.quotable), key=value, reverse=True)
    if not best:
        return []
    chosen = [best[0]]
    for one in best[1:]:
        if len(chosen) == SHOWN or value(one) < SECOND_AT_LEAST * value(best[0]):
            break
        if one.text != best[0].text:
            chosen.append(one)
    return chosen


def asks(title: str) -> bool:
    return title.rstrip().endswith(("?", "？"))


def _quotable(sentence: sentences.Sentence, *, weighty_words: int) -> bool:
    text = sentence.text
    if sentence.heading or len(text) > LONGEST or text.rstrip("\"'”’*_").endswith(("?", "？", ":", "：")):
        return False
    weighty = words.content_forms(text)
    return len(weighty) >= weighty_words and not screening.is_order(text)
