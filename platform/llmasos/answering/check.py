"""Does a passage support a generated sentence? Decided by alignment, word by word, never by a model.

A sentence is supported when one or two neighbouring sentences of a single passage say it: every word that carries
meaning occurs there, in the same order but for one word, its numbers and names with the same neighbours, nothing
that negates, limits or obliges added or left out, and without a long stretch skipped in between. A paraphrase
fails, on purpose: what is dropped costs style, what is wrongly shown costs trust.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from llmasos.answering import screening, sentences
from llmasos.answering.words import FUNCTION, Kind, Word, words

IN_ORDER = 0.85
EXACT_FORMS = 0.9
DENSITY = 0.7
FEWEST_WORDS = 3

_CITATION = re.compile(r"\s*(?:\[\s*(\d{1,2})(?:\s*,\s*\d{1,2})*\s*\]|【(\d{1,2})】|［(\d{1,2})］)")
_DECORATION = re.compile(r"^(?:[-*+•·>|#\s]|\d{1,2}[.)]\s)+")
# A sentence that points elsewhere for its meaning, or speaks about the conversation, stands on no passage.
_SELF = re.compile(
    r"\b(as an ai|i am|i'm|i can|i will|i have|i don't|i do not|passage|passages|document says|provided text"
    r"|based on the|according to the (text|passage|provided)|the user|the question)\b"
    r"|作为.{0,6}(AI|助手)|根据.{0,8}(段落|资料|文本)",
    re.IGNORECASE,
)


class Reason(Enum):
    """Why a sentence is not supported; SUPPORTED when it is."""

    SUPPORTED = "supported"
    TOO_SHORT = "too_short"
    UNFINISHED = "unfinished"
    QUESTION = "question"
    ABOUT_ITSELF = "about_itself"
    ORDER = "order"
    UNKNOWN_WORD = "unknown_word"
    ORDER_OF_WORDS = "order_of_words"
    NUMBER = "number"
    NAME = "name"
    POLARITY = "polarity"
    STITCHED = "stitched"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence may be shown, the index of the passage that it stands on, and the reason."""

    supported: bool
    passage: int | None
    reason: Reason


def bare(sentence: str) -> str:
    """Return a generated sentence without citation marks, list marks and emphasis."""
    plain = _CITATION.sub("", sentence)
    plain = _DECORATION.sub("", plain)
    return plain.replace("**", "").replace("__", "").strip()


def check(sentence: str, passages: Sequence[str]) -> Verdict:
    """Judge one sentence against the passages it may stand on; orders hidden in these support nothing."""
    return Checker(passages).check(sentence)


class Checker:
    """Judges sentences against one set of passages, whose words are taken apart once."""

    def __init__(self, passages: Sequence[str]) -> None:
        self._windows = [_windows(screening.usable(passage)) for passage in passages]

    def check(self, sentence: str) -> Verdict:
        plain = bare(sentence)
        if not sentences.complete(plain):
            return Verdict(supported=False, passage=None, reason=Reason.UNFINISHED)
        if plain.rstrip("\"'”’").endswith(("?", "？")):
            return Verdict(supported=False, passage=None, reason=Reason.QUESTION)
        if screening.is_order(plain):
            return Verdict(supported=False, passage=None, reason=Reason.ORDER)
        if _SELF.search(plain):
            return Verdict(supported=False, passage=None, reason=Reason.ABOUT_ITSELF)
        spoken = words(plain)
        if sum(1 for word in spoken if word.kind is not Kind.FUNCTION) < FEWEST_WORDS:
            return Verdict(supported=False, passage=None, reason=Reason.TOO_SHORT)
        nearest = Reason.UNKNOWN_WORD
        for position, windows in enumerate(self._windows):
            for window in windows:
                reason = _judge(spoken, window)
                if reason is Reason.SUPPORTED:
                    return Verdict(supported=True, passage=position, reason=reason)
                if reason is not Reason.UNKNOWN_WORD:
                    nearest = reason
        return Verdict(supported=False, passage=None, reason=nearest)


def _windows(passage: str) -> list[list[Word]]:
    """Each sentence of the passage, then each pair of neighbours that stand in one paragraph."""
    found = sentences.split(passage)
    taken = [words(sentence.text) for sentence in found]
    pairs = [
        taken[i] + taken[i + 1]
        for i in range(len(found) - 1)
        if "\n\n" not in passage[found[i].end : found[i + 1].start] and not found[i].heading
    ]
    return [window for window in taken + pairs if window]


def _judge(spoken: list[Word], window: list[Word]) -> Reason:
    said = [word for word in spoken if word.kind is not Kind.FUNCTION]
    there = [word for word in window if word.kind is not Kind.FUNCTION]
    if not _all_known(said, there):
        return Reason.UNKNOWN_WORD
    pairs = _aligned(said, there)
    matched = {i for i, _ in pairs}
    loose = [word for i, word in enumerate(said) if i not in matched]
    if any(word.kind in {Kind.NUMBER, Kind.NAME} for word in loose) or not _neighbours_kept(spoken, window):
        return Reason.NUMBER if any(word.kind is Kind.NUMBER for word in said) else Reason.NAME
    if any(word.kind is Kind.POLARITY for word in loose) or _polarity(said) != _polarity(there):
        return Reason.POLARITY
    if len(loose) > 1 or len(pairs) < IN_ORDER * len(said):
        return Reason.ORDER_OF_WORDS
    first, last = pairs[0][1], pairs[-1][1]
    if len(pairs) < DENSITY * (last - first + 1) or _drops_a_modifier({j for _, j in pairs}, window):
        return Reason.STITCHED
    return Reason.SUPPORTED


def _all_known(said: list[Word], there: list[Word]) -> bool:
    """Every weighty word occurs, nearly all of them letter for letter; numbers and polarity always so."""
    forms = {word.form for word in there}
    stems = {word.stem for word in there}
    exact = 0
    for word in said:
        if word.form in forms:
            exact += 1
        elif word.kind is not Kind.CONTENT or word.stem not in stems:
            return False
    return exact >= EXACT_FORMS * len(said)


def _aligned(said: list[Word], there: list[Word]) -> list[tuple[int, int]]:
    """The heaviest common subsequence: numbers, names and polarity weigh more than content."""
    rows, columns = len(said), len(there)
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        weight = 1 if said[i].kind is Kind.CONTENT else 50
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            if said[i].stem == there[j].stem:
                best[i][j] = max(best[i][j], best[i + 1][j + 1] + weight)
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < rows and j < columns:
        weight = 1 if said[i].kind is Kind.CONTENT else 50
        if said[i].stem == there[j].stem and best[i][j] == best[i + 1][j + 1] + weight:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _neighbours_kept(spoken: list[Word], window: list[Word]) -> bool:
    """A number keeps the word on either side (its unit, its month), a name the name it adjoins."""
    adjacent = {(a.form, b.form) for a, b in pairwise(window)}
    for left, right in pairwise(spoken):
        bound = Kind.NUMBER in {left.kind, right.kind} or (left.kind is Kind.NAME and right.kind is Kind.NAME)
        loose = left.form in FUNCTION or right.form in FUNCTION
        if bound and not loose and (left.form, right.form) not in adjacent:
            return False
    return True


def _drops_a_modifier(matched: set[int], window: list[Word]) -> bool:
    """A kept word whose qualifier was left out says more than the passage: "items" for "unopened items"."""
    position = -1
    before: tuple[Word, int] | None = None  # the word just before and its place among the weighty ones
    for word in window:
        if word.kind is Kind.FUNCTION:
            # In Chinese the link between qualifier and noun is a word of its own.
            before = before if word.form == "的" else None
            continue
        position += 1
        qualified = before is not None and before[1] not in matched and before[0].kind is not Kind.POLARITY
        if position in matched and qualified:
            return True
        before = (word, position)
    return False


def _polarity(weighty: list[Word]) -> Counter[str]:
    return Counter(word.form for word in weighty if word.kind is Kind.POLARITY)
