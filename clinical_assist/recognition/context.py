"""The status of a finding in its sentence: rules in the manner of ConText (Harkema and colleagues, 2009).

A cue opens a scope that runs to a word that ends it. A cue inside the words of the finding itself ("no appetite")
opens none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from clinical_assist.recognition import lexicon
from clinical_assist.recognition.text import Token

_AFTER = 4
_BACK = 7


class Status(StrEnum):
    """How a finding stands in the text; the first that applies, in this order."""

    FAMILY = "family"
    ABSENT = "absent"
    PAST = "past"
    UNCERTAIN = "uncertain"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Cue:
    kind: str
    first: int
    last: int


def _table() -> dict[tuple[str, ...], str]:
    kinds = {
        "denied": lexicon.DENIED_BEFORE,
        "uncertain": lexicon.UNCERTAIN_BEFORE,
        "past": lexicon.PAST_BEFORE,
        "relative": lexicon.RELATIVES,
        "end": lexicon.ENDS,
        "nothing": lexicon.NOT_DENIED,
    }
    return {_words(cue): kind for kind, cues in kinds.items() for cue in cues}


def _after() -> dict[tuple[str, ...], str]:
    kinds = {"denied": lexicon.DENIED_AFTER, "uncertain": lexicon.UNCERTAIN_AFTER, "past": lexicon.PAST_AFTER}
    return {_words(cue): kind for kind, cues in kinds.items() for cue in cues}


def _words(cue: str) -> tuple[str, ...]:
    return tuple(cue.replace("/", " / ").replace("'", "").split())


def _closing() -> dict[tuple[str, ...], str]:
    kinds = {"past": lexicon.CLOSING_PAST, "denied": lexicon.CLOSING_DENIED, "more": lexicon.NO_MORE}
    return {_words(cue): kind for kind, cues in kinds.items() for cue in cues}


_BEFORE, _FOLLOWING, _CLOSING = _table(), _after(), _closing()
_LONGEST = max(map(len, _BEFORE))
_LONGEST_AFTER = max(map(len, _FOLLOWING))
_LONGEST_CLOSING = max(map(len, _CLOSING))
_STARTED = frozenset(lexicon.STARTED)
_REPORTING = frozenset(lexicon.REPORTING)
_TOLD = frozenset({"for", "since", "x", "started", "over", "which", "that", "worse", "on"})
_CHAINS = frozenset({"or", "nor"})
_OWNERS = frozenset({"his", "her", "my", "their", "the"})
_TICKED_NO = frozenset({"no", "nil", "none", "neg", "negative", "absent", "-", "−", "–"})
_TICKED_YES = frozenset({"yes", "+", "pos", "positive", "present"})
_STOPS = frozenset({".", ",", ";", ")", "!", "?", "|", "but", "and"})
_VERBS = frozenset({"has", "have", "is", "was"})
_RESTRICTING = frozenset({"only", "just", "except"})
_EVERYBODY = frozenset({"everyone", "everybody", "others", "all"})
_TROUBLES = frozenset({"problem", "problems", "trouble", "difficulty", "issues", "change", "history"})
_QUESTION_ROOM = 8
_SUBJECTS = frozenset({"i", "he", "she", "they", "we", "patient", "pt"})


class Sentence:
    """A sentence with its cues. ``patients`` are words for relatives that mean the person who is the patient here."""

    def __init__(self, tokens: Sequence[Token], patients: Iterable[str] = ()) -> None:
        self._words = [token.word.replace("'", "") for token in tokens]
        self._patients = frozenset(patients)
        self._cues = list(self._read(_BEFORE, _LONGEST))
        self._later = list(self._read(_FOLLOWING, _LONGEST_AFTER))
        self._closing = [cue for cue in self._read(_CLOSING, _LONGEST_CLOSING) if self._stops(cue.last + 1)]

    def status(self, places: Sequence[int]) -> Status:
        """Judge a finding at these token numbers."""
        first, last = places[0], places[-1]
        ticked = self._ticked(last + 1)
        if ticked is not None:
            return ticked
        inside = set(range(first, last + 1)) if last - first < _BACK else set(places)
        own = set(places)
        denies = any(cue.kind == "denied" and cue.first in own for cue in self._cues)
        kinds = set()
        for cue in self._cues:
            overlaps = bool(own & set(range(cue.first, cue.last + 1)))
            if (overlaps and cue.kind != "nothing") or (denies and cue.kind == "denied") or self._dates(cue):
                continue
            if (cue.first in inside and cue.kind in {"denied", "uncertain"}) or (
                cue.last < first and self._reaches(cue, first) and not self._restricted(cue, first, last)
            ):
                kinds.add(cue.kind)
            elif cue.kind == "nothing" and self._denies_own(cue, own):
                kinds.add("denied")
            elif cue.kind == "relative" and cue.first > last and self._belongs(cue, last):
                kinds.add("relative")
        for cue in self._later:
            if self._dates(cue):
                continue
            if cue.first > last and cue.first - last <= self._room(cue) and not self._cut(last + 1, cue.first):
                kinds.add(cue.kind)
        if self._had_until(first, last):
            kinds.add("past")
        return self._closed(kinds, last) or self._decide(kinds, first)

    def _closed(self, kinds: set[str], last: int) -> Status | None:
        """What the end of the statement says of all that it names; None where it says nothing."""
        for cue in self._closing:
            if cue.first <= last:
                continue
            if cue.kind == "more" and "denied" in kinds and "relative" not in kinds:
                return Status.PAST
            if cue.kind == "past" and not kinds & {"relative", "denied"}:
                return Status.PAST
            others = "relative" in kinds or _EVERYBODY & set(self._words[:last])
            if cue.kind == "denied" and others:
                return Status.ABSENT
        return None

    def _stops(self, place: int) -> bool:
        return place >= len(self._words) or self._words[place] in _STOPS

    def _ticked(self, place: int) -> Status | None:
        """Read the marks of a list: "fever: no", "vomiting (-)", "sputum -", "cough +"."""
        while place < len(self._words) and self._words[place] in {":", "(", "="}:
            place += 1
        if place >= len(self._words) or not self._stops(place + 1):
            return None
        if self._words[place] in _TICKED_NO:
            return Status.ABSENT
        return Status.PRESENT if self._words[place] in _TICKED_YES else None

    def _denies_own(self, cue: Cue, own: set[int]) -> bool:
        """Whether "no change" is of the finding itself, which is a change."""
        return self._words[cue.first] == "no" and bool(own & set(range(cue.first + 1, cue.last + 1)))

    def _restricted(self, cue: Cue, first: int, last: int) -> bool:
        """ "Not short of breath at rest, only on the stairs": what is denied is not the whole finding."""
        return cue.kind == "denied" and bool(_RESTRICTING & set(self._words[first:last]))

    def _had_until(self, first: int, last: int) -> bool:
        return "had" in self._words[max(0, first - 3) : first] and "until" in self._words[last + 1 : last + 3]

    def _decide(self, kinds: set[str], first: int) -> Status:
        if "relative" in kinds:
            return Status.FAMILY
        if "denied" in kinds:
            return Status.UNCERTAIN if "uncertain" in kinds and self._unsure(first) else Status.ABSENT
        if "past" in kinds:
            return Status.PAST
        return Status.UNCERTAIN if "uncertain" in kinds else Status.PRESENT

    def _unsure(self, first: int) -> bool:
        return any(cue.kind == "uncertain" and cue.last - cue.first >= 1 for cue in self._cues if cue.last < first)

    def _dates(self, cue: Cue) -> bool:
        """Whether words of the past say when something began that is still there: "started two years ago"."""
        return cue.kind == "past" and bool(_STARTED & set(self._words[max(0, cue.first - 4) : cue.first]))

    def _read(self, table: dict[tuple[str, ...], str], longest: int) -> Iterable[Cue]:
        place = 0
        while place < len(self._words):
            for length in range(longest, 0, -1):
                kind = table.get(tuple(self._words[place : place + length]))
                if kind is not None and not self._ignored(kind, place, length):
                    yield Cue(kind, place, place + length - 1)
                    place += length - 1
                    break
            place += 1
        if table is _FOLLOWING:
            for number, (word, following) in enumerate(pairwise(self._words)):
                if word == "in" and len(following) == 4 and following.isdigit() and following[:2] in {"19", "20"}:
                    yield Cue("past", number, number + 1)

    def _ignored(self, kind: str, place: int, length: int) -> bool:
        if kind == "relative" and length == 1:
            before = set(self._words[max(0, place - 2) : place]) - _OWNERS
            following = self._words[place + 1 : place + 3]
            if self._words[place] in self._patients or before & {"by", "from"}:
                return True
            return bool(_REPORTING & set(following[:1])) or following[:2] == ["is", "worried"]
        if kind == "past" and self._words[place] in {"history", "hx", "h"} and place:
            return self._words[place - 1] in lexicon.LENGTHS
        # "never had a headache like this": there is a headache now.
        if kind == "denied" and self._words[place] == "never":
            rest = " ".join(self._words[place:])
            return any(words in rest for words in ("like this", "like it", "this bad", "as bad", "so bad", "before"))
        return False

    def _reaches(self, cue: Cue, first: int) -> bool:
        if cue.kind in {"end", "nothing"}:
            return False
        if any(other.kind == "end" and cue.last < other.first < first for other in self._cues):
            return False
        between = self._words[cue.last + 1 : first]
        if ":" in between[1:]:
            return False
        if cue.kind == "relative":
            return not any(
                word in _SUBJECTS and {",", "and"} & set(between[max(0, number - 2) : number])
                for number, word in enumerate(between)
            )
        if cue.kind == "past":
            return len(between) <= _BACK and not self._new_clause(between)
        if cue.kind == "uncertain":
            return len(between) <= _BACK and not self._new_clause(between)
        return self._denial_reaches(cue, between)

    def _denial_reaches(self, cue: Cue, between: Sequence[str]) -> bool:
        word = self._words[cue.first]
        if word in {"not", "isnt", "wasnt", "arent", "werent"} and cue.first == cue.last:
            return len(between) <= 5 and "," not in between and not self._new_clause(between)
        if word in {"no", "without"} and cue.first == cue.last and (_VERBS & set(between) or self._beside(between)):
            return False
        return not self._new_clause(between)

    def _beside(self, between: Sequence[str]) -> bool:
        """ "No fever with the cough": the cough is there. "No trouble with the bladder" is another matter."""
        with_it = len(between) > 2 and between[-2] == "with" and between[-1] in {"the", "this", "his", "her", "my"}
        return with_it and between[0] not in _TROUBLES

    def _new_clause(self, between: Sequence[str]) -> bool:
        """Whether another statement begins: after a comma or "and", a word that no list of findings has."""
        for number, word in enumerate(between):
            if word in {",", "and", "-", "–", ":", "plus"}:
                following = between[number + 1] if number + 1 < len(between) else ""
                if following in lexicon.NEW_CLAUSE or following.isdigit():
                    return True
                if following == "" and self._is_told_more(between):
                    return True
                if "," in between[number + 1 :] and _TOLD & set(between[number + 1 : between.index(",", number + 1)]):
                    return True
        return False

    def _is_told_more(self, between: Sequence[str]) -> bool:
        """Whether what follows the last comma is a statement of its own: it goes on with a time or a description."""
        comma = len(between) - 1
        if between[comma] == "and":
            return False
        start = next(
            number
            for number in range(len(self._words) - len(between) + 1)
            if self._words[number : number + len(between)] == list(between)
        ) + len(between)
        segment = self._words[start:]
        rest = next((number for number, word in enumerate(segment) if word in {",", ".", ";"}), len(segment))
        if _CHAINS & set(segment):
            return False
        return bool(_TOLD & set(segment[:rest]))

    def _belongs(self, cue: Cue, last: int) -> bool:
        """ "Heart attack in his father", "asthma runs in the family": somebody else's, named afterwards."""
        between = self._words[last + 1 : cue.first]
        return len(between) <= 4 and "in" in between and not set(between) & {",", "and", "but", "."}

    def _room(self, cue: Cue) -> int:
        words = self._words[cue.first : cue.last + 1]
        if words == ["?"]:
            return _QUESTION_ROOM
        if cue.first == cue.last and words[0] in lexicon.ADJOINING:
            return 1
        return _AFTER if cue.kind != "past" else _BACK

    def _cut(self, start: int, end: int) -> bool:
        between = self._words[start:end]
        return bool(set(between) & {",", "but", "and", ";", "with"})
