"""Does a text hold a name of the class? The blind index says whose it might be; only their names are opened."""

from __future__ import annotations

import re
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


def without_name(learner: Learner, text: str) -> str:
    """Return the text with an ellipsis for each word that is a part of the learner's name, by its blind index alone.

    Of characters that stand without spaces, runs of two or more that stand in the name are taken out.
    """
    index = {bytes(one) for one in learner.name_index}

    def is_filed(*entries: str) -> bool:
        return index.issuperset(digests(learner.organisation_id, PURPOSE, entries))

    def replaced(found: re.Match[str]) -> str:
        word = found.group()
        if not _UNSPACED.search(word):
            return GONE if len(word) >= SHORTEST and is_filed(f"w:{fold(word)}") else word
        pairs = [is_filed(f"c:{word[at : at + 2]}") for at in range(len(word) - 1)]
        named = [before or after for before, after in zip([False, *pairs], [*pairs, False], strict=True)]
        marked = ("\0" if is_named else letter for letter, is_named in zip(word, named, strict=True))
        return re.sub("\0+", GONE, "".join(marked))

    return _WORD.sub(replaced, text)
