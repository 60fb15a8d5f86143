"""Does a text hold a name of the class? The blind index says whose it might be; only their names are opened."""

from __future__ import annotations

import re
from uuid import UUID

from llmasos.vault.blind import digests
from llmasos.vault.normalising import fold, name_entries
from tutor.models import Learner

PURPOSE = "tutor.learner.name"
SHORTEST = 3
_WORD = re.compile(r"[^\W\d_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def names_in(organisation_id: UUID, course_id: UUID, text: str) -> list[str]:
    """Return the words of a text that are a part of a learner's name in the course, each once.

    A name in Chinese characters, kana or Hangul is found as a whole. Inside ``acting_in``.
    """
    words = {fold(word): word for word in _WORD.findall(text)}
    entries = {entry for word in words for entry in name_entries(word) if not entry.startswith("p:")}
    if not entries:
        return []
    learners = Learner.objects.for_organisation(organisation_id).filter(
        enrolments__course=course_id, name_index__overlap=digests(organisation_id, PURPOSE, entries)
    )
    found: dict[str, None] = {}
    for learner in learners.distinct():
        for part in _WORD.findall(learner.name):
            if _UNSPACED.search(part):
                if part in text:
                    found[part] = None
            elif len(part) >= SHORTEST and fold(part) in words:
                found[words[fold(part)]] = None
    return list(found)
