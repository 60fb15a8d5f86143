"""The status of a finding in its sentence: rules in the manner of ConText (Harkema and colleagues, 2009).

A cue opens a scope that runs to a word that ends it. A cue inside the words of the finding itself ("no appetite")
opens none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from itertools import pairwise

from clinical_assist.recognition import cues, words
from clinical_assist.recognition.phrases import Match
from clinical_assist.recognition.status import Cue, Status
from clinical_assist.recognition.text import Token

_AFTER = 4
_BACK = 7
# A cue between the words of a finding is of it, where they stand no further apart.
_SPAN = 9
_QUESTION_ROOM = 8
_SHORT = re.compile(r"\d+[hdwmy]")
_AGAIN = re.compile(r"\b(?:on and off|off and on|now and then|now and again|again and again)\b")


class Sentence:
    """A sentence with its cues. ``patients`` are words for relatives that mean the person who is the patient here."""

    def __init__(self, tokens: Sequence[Token], patients: Iterable[str] = ()) -> None:
        self._words = [words.plain(token.word) for token in tokens]
        for number, (before, token, following) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False), 1):
            joins = before.end == token.start and token.end == following.start
            if token.word == "-" and joins and before.word.isalnum() and following.word.isalnum():
                self._words[number] = words.JOINT
        self._patients = frozenset(patients)
        self._cues = list(self._read(words.BEFORE))
        self._later = list(self._read(words.FOLLOWING))
        self._closing = [cue for cue in self._read(words.CLOSING) if self._ends(cue)]

    def is_denied_there(self, places: Sequence[int]) -> bool:
        """Whether a denial stands there and is of them: "no trouble passing water" denies the trouble."""
        return self.stands_there("denied", places) and not words.TROUBLES & set(
            self._words[max(0, places[0] - 2) : places[0]]
        )

    def stands_there(self, kind: str, places: Sequence[int]) -> bool:
        """Whether a cue of a kind stands within these token numbers or right before them, and not far off in a list."""
        return any(
            cue.kind == kind and places[0] - 3 < cue.last < places[-1] and "," not in self._words[cue.last : places[0]]
            for cue in self._cues
        )

    def take(self, places: Iterable[int]) -> None:
        """Leave out denials that are words of a finding: "no appetite" denies nothing of what is said after it.

        "No appetite loss, vomiting or fever" does, and so does "no sleep or appetite".
        """
        taken = set(places)
        self._cues = [
            cue for cue in self._cues if cue.kind != "denied" or cue.first not in taken or self._goes_on(cue, taken)
        ]

    def is_cut_out(self, match: Match) -> bool:
        """Whether a finding that begins with a denial is only the beginning of what is denied: "no appetite loss"."""
        after = match.places[-1] + 1
        return (
            match.fixed
            and self._words[match.places[0]] in words.NO
            and self._words[after : after + 1] in words.NOUNS_OF_ILLS
        )

    def _goes_on(self, cue: Cue, taken: Set[int]) -> bool:
        """Whether what a denial stands in is longer than the finding that it is a word of."""
        place = cue.first
        while place in taken:
            place += 1
        return self._words[cue.first] in words.NO and self._words[place : place + 1] in words.GOING_ON

    def status(self, places: Sequence[int], *, of_others: bool = False) -> Status:
        """Judge a finding at these token numbers; ``of_others`` is one that relatives are part of."""
        first, last = places[0], places[-1]
        ticked = self._ticked(last + 1)
        if ticked is not None:
            return ticked
        inside = set(range(first, last + 1)) if last - first <= _SPAN else set(places)
        own = set(places)
        denies = any(cue.kind == "denied" and cue.first in own for cue in self._cues)
        kinds = set()
        for cue in self._cues:
            overlaps = bool(own & set(range(cue.first, cue.last + 1)))
            if overlaps and cue.kind == "uncertain" and cue.last - cue.first >= 2 and cue.last < last:
                kinds.add("uncertain")
            if overlaps and cue.kind == "denied" and cue.first < first:
                kinds.add("denied")
            if (overlaps and cue.kind != "nothing") or (denies and cue.kind == "denied") or self._dates(cue):
                continue
            within = cue.kind in {"denied", "uncertain"} or self._words[cue.first] == "used"
            if (within and cue.first in inside) or (
                cue.last < first and self._reaches(cue, first, last) and not self._restricted(cue, first, last)
            ):
                kinds.add(cue.kind)
            elif cue.kind == "nothing" and self._denies_own(cue, own):
                kinds.add("denied")
            elif cue.kind == "relative" and cue.first > last and self._belongs(cue, last):
                kinds.add("relative")
        for cue in self._later:
            if self._dates(cue):
                continue
            if cue.first > last and cue.first - last <= self._room(cue) and not self._cut(last + 1, cue):
                kinds.add(cue.kind)
        if self._had_until(first, last):
            kinds.add("past")
        if of_others:
            kinds -= {"relative", "past"}
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
            others = "relative" in kinds or words.EVERYBODY & set(self._words[:last])
            if cue.kind == "denied" and others:
                return Status.ABSENT
        return None

    def answer(self) -> Status | None:
        """What the sentence says as an answer to a question: "No." """
        said = [word for word in self._words if word not in words.STOPS]
        if not said or len(said) > 2 or said[1:] not in words.AFTER_AN_ANSWER:
            return None
        return Status.ABSENT if said[0] in words.NO else Status.PRESENT if said[0] in words.YES else None

    def ends_what_was_told(self) -> bool:
        """Whether the sentence says of the one before that it is over: "That settled after antibiotics." """
        return (
            self._words[:1] in words.POINTING
            and words.AGAIN.isdisjoint(self._words)
            and any(
                cue.kind == "past"
                and cue.first <= 2
                and (self._stops(cue.last + 1) or self._words[cue.last + 1] in words.BY)
                for cue in (*self._later, *self._closing)
            )
        )

    def _ends(self, cue: Cue) -> bool:
        """Whether nothing follows but how or when it ended: "fully resolved by arrival"."""
        return self._stops(cue.last + 1) or (cue.kind == "past" and self._words[cue.last + 1] in words.BY)

    def _stops(self, place: int) -> bool:
        return place >= len(self._words) or self._words[place] in words.STOPS

    def _ticked(self, place: int) -> Status | None:
        """Read the marks of a list: "fever: no", "vomiting (-)", "sputum -", "cough +"."""
        while place < len(self._words) and self._words[place] in {":", "(", "="}:
            place += 1
        while self._words[place : place + 2] == ["+", "+"]:
            place += 1
        if self._words[place + 1 : place + 2] == ["ve"] and self._words[place] in {"+", "-"}:
            return Status.PRESENT if self._words[place] == "+" else Status.ABSENT
        if place >= len(self._words) or not self._stops(place + 1):
            return None
        if self._words[place] in words.TICKED_NO:
            return Status.ABSENT
        return Status.PRESENT if self._words[place] in words.TICKED_YES else None

    def _denies_own(self, cue: Cue, own: set[int]) -> bool:
        """Whether "no change" is of the finding itself, which is a change."""
        return self._words[cue.first] == "no" and bool(own & set(range(cue.first + 1, cue.last + 1)))

    def _restricted(self, cue: Cue, first: int, last: int) -> bool:
        """ "Not short of breath at rest, only on the stairs": what is denied is not the whole finding."""
        return cue.kind == "denied" and bool(words.RESTRICTING & set(self._words[first:last]))

    def _had_until(self, first: int, last: int) -> bool:
        return (
            bool(words.WERE & set(self._words[max(0, first - 5) : first]))
            and "until" in self._words[last + 1 : last + 3]
        )

    def _decide(self, kinds: set[str], first: int) -> Status:
        if "relative" in kinds:
            return Status.FAMILY
        if "denied" in kinds:
            return Status.UNCERTAIN if "uncertain" in kinds and self._unsure(first) else Status.ABSENT
        if "supposed" in kinds:
            return Status.UNCERTAIN
        if "past" in kinds:
            return Status.PAST
        return Status.UNCERTAIN if "uncertain" in kinds else Status.PRESENT

    def _unsure(self, first: int) -> bool:
        return any(cue.kind == "uncertain" and cue.last - cue.first >= 1 for cue in self._cues if cue.last < first)

    def _dates(self, cue: Cue) -> bool:
        """Whether words of the past say when something began that is still there: "started two years ago"."""
        before = self._words[max(0, cue.first - 4) : cue.first]
        lasting = self._words[cue.first] in {"last", "past"} and bool(
            words.DURING & set(before[-2:-1] if before[-1:] == ["the"] else before[-1:])
        )
        return cue.kind == "past" and (lasting or bool(words.STARTED & set(before)))

    def _read(self, table: words.Table) -> Iterable[Cue]:
        place = 0
        while place < len(self._words):
            for said, kind in table.get(self._words[place], ()):
                length = len(said)
                if tuple(self._words[place : place + length]) == said and not self._ignored(table, kind, place, length):
                    yield Cue(kind, place, place + length - 1)
                    place += length - 1
                    break
            place += 1
        if table is not words.CLOSING:
            for number, (word, following) in enumerate(pairwise(self._words)):
                if table is words.BEFORE and self._words[:number] not in ([], ["back"]):
                    break
                if word == "in" and len(following) == 4 and following.isdigit() and following[:2] in {"19", "20"}:
                    yield Cue("past", number, number + 1)

    def _tells_a_habit(self, rest: Sequence[str]) -> bool:
        """ "If he lies flat he gets breathless" is so; "if he gets breathless he should ring" may come."""
        return any(word in words.PERSONS and following in words.HABITS for word, following in pairwise(rest[2:]))

    def _ignored(self, table: words.Table, kind: str, place: int, length: int) -> bool:
        if kind == "relative" and length == 1:
            before = set(self._words[max(0, place - 2) : place]) - words.OWNERS
            following = self._words[place + 1 : place + 3]
            if following[:1] and following[0] in words.AUXILIARIES:
                following = self._words[place + 2 : place + 4]
            if self._words[place] in words.PARENTS and {"a", "an"} & set(self._words[max(0, place - 2) : place]):
                return True
            if (
                self._words[place] in self._patients
                or before & {"by", "from"}
                or "according" in self._words[max(0, place - 3) : place]
            ):
                return True
            if following == [",", "who"]:
                following = self._words[place + 3 : place + 5]
            return bool(words.REPORTING & {*following[:1], " ".join(following)})
        # "Can't walk without puffing": the puffing is there.
        if kind == "denied" and self._words[place] == "without":
            return bool(words.UNABLE & set(self._segment(place)))
        if kind == "past" and self._words[place] in {"history", "hx", "h"} and place:
            return self._words[place - 1] in cues.LENGTHS or bool(_SHORT.fullmatch(self._words[place - 1]))
        if self._words[place] == "?":
            # Standing before what is asked about, or at the end.
            return (place + 1 == len(self._words)) == (table is words.BEFORE)
        if kind == "past" and self._words[place] == "once" and length == 1:
            return not self._words[place + 1 : place + 2] or not self._words[place + 1].endswith("ed")
        if kind == "uncertain" and self._words[place] == "may" and place:
            return self._words[place - 1] in words.MONTH or self._words[place - 1].isdigit()
        if kind == "supposed" and self._words[place] == "should" and length == 1:
            return place > 0
        if kind == "supposed" and self._words[place] == "if" and length == 1:
            if self._words[place + 1 : place + 3] in words.ASKING:
                return True
            return self._tells_a_habit(self._words[place + 1 :])
        # "never had a headache like this": there is a headache now.
        if kind == "denied" and self._words[place] == "never":
            rest = " ".join(self._words[place:])
            return any(said in rest for said in words.AS_NEVER)
        return False

    def _reaches(self, cue: Cue, first: int, last: int) -> bool:
        if cue.kind in {"end", "nothing"}:
            return False
        if any(
            other.kind == "end"
            and cue.last < other.first < first
            and self._words[other.first - 1] != "or"
            and (cue.kind != "supposed" or self._words[other.first] in words.CONTRASTS)
            for other in self._cues
        ):
            return False
        between = self._words[cue.last + 1 : first]
        if ":" in between[1:]:
            return False
        if cue.kind == "relative":
            return not any(
                word in words.SUBJECTS and {",", "and"} & set(between[max(0, number - 2) : number])
                for number, word in enumerate(between)
            )
        if cue.kind == "past":
            if "," in between and words.TODAY & set(self._segment(first)):
                return False
            return len(between) <= _BACK and not words.LATER & set(between) and not self._new_clause(between)
        if cue.kind == "supposed":
            return not any(one == "," and two in words.SUBJECTS for one, two in pairwise(between))
        if cue.kind == "uncertain":
            chained = bool(words.CHAINS & set(between))
            return len(between) <= _BACK and not words.EXPLAINING & set(between) and (chained or "," not in between)
        return self._denial_reaches(cue, first, last, between)

    def _segment(self, place: int) -> list[str]:
        """The words between the commas around a place."""
        start = next((before for before in range(place, 0, -1) if self._words[before - 1] in words.STOPS), 0)
        end = next((after for after in range(place, len(self._words)) if self._words[after] in words.STOPS), None)
        return self._words[start:end]

    def _denial_reaches(self, cue: Cue, first: int, last: int, between: Sequence[str]) -> bool:
        word = self._words[cue.first]
        if word in words.OF_VERBS and "," in between and words.CHAINS.isdisjoint(self._words[cue.last + 1 : last + 4]):
            return False
        if word == "non":
            return not set(between) - {words.JOINT}
        if word in {"not", "isnt", "wasnt", "arent", "werent"} and cue.first == cue.last:
            chained = bool(words.CHAINS & set(self._words[cue.last + 1 : last + 4]))
            far = len(between) > (_SPAN if chained else 5) or ("," in between and not chained)
            return not far and not self._new_clause(between)
        if (
            word in {"no", "without"}
            and cue.first == cue.last
            and (words.VERBS & set(between) or self._beside(between))
        ):
            return False
        behind = set(self._words[last + 1 : last + 4])
        if between[-1:] == [","] and (
            self._words[first] in cues.NEW_CLAUSE
            or (words.DAYS & behind and not words.CHAINS & behind)
            or (last > first and self._words[last] in words.STATES and self._words[first] not in words.STATES)
        ):
            return False
        if between[-2:-1] == [","] and self._words[first] in words.STATES and between[-1] not in words.STATES:
            return False
        if {"since", "after", "following"} & set(between) or (
            word == "without" and len(between) > 1 and between[-1] in words.OWNERS
        ):
            return False
        subjects = words.SUBJECTS & set(between) and not {"that", "which", "when", "if"} & set(between)
        if word in {"no", "without", "nil"} and cue.first == cue.last and subjects:
            return False
        return not self._new_clause(between)

    def _beside(self, between: Sequence[str]) -> bool:
        """ "No fever with the cough": the cough is there. "No trouble with the bladder" is another matter."""
        with_it = len(between) > 2 and between[-2] == "with" and between[-1] in {"the", "this", "his", "her", "my"}
        return with_it and between[0] not in words.TROUBLES

    def _new_clause(self, between: Sequence[str]) -> bool:
        """Whether another statement begins: after a comma or "and", a word that no list of findings has."""
        for number, word in enumerate(between):
            if word in {",", "and", "-", "–", ":", "plus"}:
                following = between[number + 1] if number + 1 < len(between) else ""
                if following in cues.NEW_CLAUSE or following.isdigit():
                    return True
                if following == "" and self._is_told_more(between):
                    return True
                if "," in between[number + 1 :] and words.TOLD & set(
                    between[number + 1 : between.index(",", number + 1)]
                ):
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
        if words.CHAINS & set(segment):
            return False
        return bool(words.TOLD & set(segment[:rest]))

    def _belongs(self, cue: Cue, last: int) -> bool:
        """ "Heart attack in his father", "asthma runs in the family": somebody else's, named afterwards."""
        between = self._words[last + 1 : cue.first]
        return len(between) <= 4 and "in" in between and not set(between) & {",", "and", "but", "."}

    def _room(self, cue: Cue) -> int:
        said = self._words[cue.first : cue.last + 1]
        if said == ["?"]:
            return _QUESTION_ROOM
        if cue.first == cue.last and said[0] in cues.ADJOINING:
            return 1
        return _AFTER if cue.kind != "past" else _BACK

    def _cut(self, start: int, cue: Cue) -> bool:
        """Whether what is said afterwards is of something else; of several it is said in the plural, or of "both"."""
        said = _AGAIN.sub("", " ".join(self._words[start : cue.first]))
        between = said.split()
        if set(between) & words.CONTRASTS:
            return True
        if between[:1] in (["and"], ["or"]) and self._words[cue.first] in words.BARE:
            return bool(set(between) & words.STATING)
        if self._words[cue.first] in words.PLURAL:
            return bool(set(between) & words.STATING)
        return bool(set(between) & {",", "and"})
