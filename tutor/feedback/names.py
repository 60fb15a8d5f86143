"""Does a text hold a name of the class? The blind index says whose it might be; only their names are opened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from llmasos.vault.blind import digests
from llmasos.vault.normalising import fold, name_entries
from tutor.models import Learner

PURPOSE = "tutor.learner.name"
SHORTEST = 3
GONE = "…"
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def names_in(organisation_id: UUID, course_id: UUID, text: str) -> list[str]:
    """Return the words of a text that are a part of a learner's name in the course, each once. Inside ``acting_in``."""
    found = named_in(organisation_id, course_id, text)
    return list(dict.fromkeys(word for words in found.values() for word in words))


def named_in(organisation_id: UUID, course_id: UUID, text: str) -> dict[UUID, list[str]]:
    """Return the learners of the course whom a text may name, each with the words that are a part of the name.

    A name in Chinese characters, kana or Hangul is found as a whole. Inside ``acting_in``.
    """
    words = {fold(word): word for word in _WORD.findall(text)}
    entries = {entry for word in words for entry in name_entries(word) if not entry.startswith("p:")}
    if not entries:
        return {}
    learners = Learner.objects.for_organisation(organisation_id).filter(
        enrolments__course=course_id, name_index__overlap=digests(organisation_id, PURPOSE, entries)
    )
    found: dict[UUID, list[str]] = {}
    for learner in learners.distinct():
        for part in _WORD.findall(learner.name):
            if _UNSPACED.search(part):
                if part in text:
                    found.setdefault(learner.pk, []).append(part)
            elif len(part) >= SHORTEST and fold(part) in words:
                found.setdefault(learner.pk, []).append(words[fold(part)])
    return found


def without(text: str, words: Sequence[str]) -> str:
    """Return the text with an ellipsis for each of these words, however it is written."""
    unspaced = [word for word in words if _UNSPACED.search(word)]
    for word in unspaced:
        text = text.replace(word, GONE)
    folded = {fold(word) for word in words}
    return _WORD.sub(lambda found: GONE if fold(found.group()) in folded else found.group(), text)
