"""What a draft says, put together from facts: criteria met and open, missing words, the material, comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from tutor.models import Course

MOST: Final = {Course.Length.SHORT: 1, Course.Length.MEDIUM: 3, Course.Length.LONG: 6}
"""So many statements a draft has beside those on what is open, of which none is left out."""
LONGEST_QUOTE: Final = 160


@dataclass(frozen=True, slots=True)
class Met:
    """A criterion that the answer meets; ``evidence`` are its words, empty where none were found."""

    criterion: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence of the course's material."""

    chunk: int
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Open:
    """A criterion that the answer does not meet.

    ``missing`` are words of the rubric, ``better`` describes the next level. ``comment`` is a sentence that markers of
    the course have kept for it.
    """

    criterion: str
    missing: tuple[str, ...] = ()
    better: str = ""
    cited: Cited | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a draft may say of one answer. ``earlier`` are a marker's own sentences on an answer like it."""

    met: tuple[Met, ...]
    open: tuple[Open, ...]
    earlier: tuple[str, ...] = ()


def compose(facts: Facts, *, tone: str, length: str, language: str) -> tuple[str, ...]:
    """Return the draft's statements in the course's language, those on what is open first; none without facts."""
    with override(language):
        needed = [_opened(one, tone) for one in facts.open]
        room = max(0, MOST[Course.Length(length)] - len(needed))
        # A marker may have kept in the bank what they had written before: it is said once.
        return (*needed, *islice(dict.fromkeys(_more(facts, tone)), room))


def _opened(one: Open, tone: str) -> str:
    criterion = one.criterion.rstrip(" .。")
    if tone == Course.Tone.WARM:
        return _("One step further: %(criterion)s.") % {"criterion": criterion}
    if tone == Course.Tone.FORMAL:
        return _("The following criterion is not met yet: %(criterion)s.") % {"criterion": criterion}
    return _("Still open: %(criterion)s.") % {"criterion": criterion}


def _more(facts: Facts, tone: str) -> Iterator[str]:
    """Yield what else there is to say, what helps most first."""
    yield from facts.earlier
    for one in facts.open:
        if one.comment:
            yield one.comment
        if one.missing:
            yield _("It does not mention: %(words)s.") % {"words": ", ".join(one.missing)}
        if one.cited is not None:
            yield _("Look at “%(title)s”: “%(sentence)s”") % {
                "title": one.cited.title,
                "sentence": one.cited.sentence,
            }
        if one.better:
            yield _("For the next level: %(description)s.") % {"description": one.better.rstrip(" .。")}
    quoted: dict[str, list[str]] = {}
    for met in facts.met:
        if met.evidence:
            # The same words may meet several criteria: they are quoted once.
            quoted.setdefault(_quoted(met.evidence), []).append(met.criterion)
        else:
            yield _met("", [met.criterion], tone)
    for words, criteria in quoted.items():
        yield _met(words, criteria, tone)


def _quoted(evidence: str) -> str:
    words = " ".join(evidence.split())
    if len(words) <= LONGEST_QUOTE:
        return words
    kept = words[:LONGEST_QUOTE]
    return f"{kept.rsplit(' ', 1)[0] if ' ' in kept[-30:] else kept}…"


def _met(words: str, criteria: Sequence[str], tone: str) -> str:
    criterion = "”, “".join(one.rstrip(" .。") for one in criteria)
    if words:
        return _("You wrote “%(words)s”: that meets “%(criterion)s”.") % {"words": words, "criterion": criterion}
    if tone == Course.Tone.WARM:
        return _("Well done: %(criterion)s.") % {"criterion": criterion}
    return _("Your answer meets “%(criterion)s”.") % {"criterion": criterion}


def joined(statements: Sequence[str]) -> str:
    """Return the statements as one text."""
    return " ".join(statements)
