"""Findings of a knowledge base in free text, each with its status and its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from clinical_assist.knowledge.measures import from_measurement
from clinical_assist.knowledge.types import Knowledge
from clinical_assist.recognition import numbers
from clinical_assist.recognition.context import Sentence
from clinical_assist.recognition.lexicon import AGAINST, IDIOMS, VACCINATED, VACCINES
from clinical_assist.recognition.phrases import Match, Matcher
from clinical_assist.recognition.status import Status
from clinical_assist.recognition.text import Token, sentences, tokens
from clinical_assist.recognition.topics import last_of, with_antecedents

# Who speaks of "my son" at the outset speaks of the patient; of adults it takes more than one sentence, or an age.
_DEPENDANTS = frozenset(
    {"son", "daughter", "child", "grandson", "granddaughter", "baby", "toddler", "kid", "boy", "girl", "one"}
)
_OTHERS_AS_PATIENTS = frozenset(
    {
        *_DEPENDANTS, "husband", "wife", "partner", "mother", "father", "mum", "mom", "dad", "boyfriend", "girlfriend",
        "grandmother", "grandfather",
    }
)  # fmt: skip
_IDIOMS: dict[str, list[tuple[str, ...]]] = {}
for _idiom in IDIOMS:
    _IDIOMS.setdefault(_idiom.split()[0], []).append(tuple(_idiom.split()))
_VAGUE = frozenset({"spot", "patch", "lesion", "blotch"})
_FILLERS = frozenset(
    {
        "a", "an", "and", "are", "at", "had", "has", "have", "he", "her", "his", "i", "in", "is", "it", "my", "of",
        "on", "she", "the", "their", "they", "to", "was", "were", "with",
    }
)  # fmt: skip
_LISTING = frozenset({",", "or", "nor", "/"})
_PARTING = frozenset({",", "and", "but", "/"})
_GIVEN_UP = frozenset({"stopped", "ceased", "quit"})
# What an answer can change: what was asked of somebody else stays theirs.
_OPEN = frozenset({Status.PRESENT, Status.UNCERTAIN})
_ORDER = (Status.PRESENT, Status.ABSENT, Status.UNCERTAIN, Status.PAST, Status.FAMILY)
_ORDER_OF_HISTORY = (Status.PRESENT, Status.PAST, Status.ABSENT, Status.UNCERTAIN, Status.FAMILY)


@dataclass(frozen=True, slots=True)
class Chip:
    """One finding in the text: characters ``start`` to ``end`` are the words it was seen in."""

    code: str
    status: Status
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was read. ``chips`` in the order of the text, one a finding."""

    age: float | None
    sex: str
    chips: tuple[Chip, ...]
    history: frozenset[str]

    def findings(self) -> dict[str, bool]:
        """What may be reasoned with: present and absent; of the past only what is a matter of history."""
        used = {}
        for chip in self.chips:
            if chip.status is Status.PRESENT or (chip.status is Status.PAST and chip.code in self.history):
                used[chip.code] = True
            elif chip.status is Status.ABSENT:
                used[chip.code] = False
        return used


class Recogniser:
    """Reads texts for one knowledge base."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        findings = knowledge.findings.values()
        self._matcher = Matcher({one.code: one.phrases for one in findings})
        self._normal = Matcher({one.code: one.normal for one in findings if one.normal})
        self._history = frozenset(finding.code for finding in knowledge.findings.values() if finding.kind == "history")

    def recognise(self, text: str, *, age: float | None = None) -> Recognised:
        """Read a text. ``age`` in years decides limits of measured values where the text does not name one."""
        years = numbers.age(text)
        found: list[Chip] = []
        well: list[Chip] = []
        before, asked = 0, False
        topics: list[Token] = []
        all_tokens = tokens(text)
        patients = _patients(all_tokens)
        told_in: list[tuple[int, int]] = []
        for sentence in sentences(all_tokens):
            told_in.append((sentence[0].start, sentence[-1].end))
            context = Sentence(sentence, patients)
            answer = context.answer()
            if answer and asked:
                found[before:] = [
                    replace(chip, status=answer) if chip.status in _OPEN else chip for chip in found[before:]
                ]
                continue
            asked = sentence[-1].word == "?"
            if context.ends_what_was_told():
                found[before:] = [_ended(chip) for chip in found[before:]]
            before = len(found)
            turns, vaccines = _idioms(sentence), _vaccines(sentence)
            heard = with_antecedents(sentence, topics)
            topics = last_of(sentence) or topics
            matches = [
                one
                for one in self._matcher.matches(heard)
                if vaccines.isdisjoint(one.places)
                and not _is_said_otherwise(one, turns)
                and not context.is_cut_out(one)
            ]
            context.take(place for match in matches if match.fixed for place in match.places)
            for match in self._specific(matches, sentence):
                if any(sentence[place].word in patients for place in match.places):
                    continue
                status = context.status(match.places, of_others=match.of_others)
                if status is Status.ABSENT and self._is_only_outer(match, matches):
                    continue
                if match.code in self._history and _is_given_up(match, sentence):
                    status = Status.PAST
                found.append(_chip(match, status, sentence, text))
            for match in self._normal.matches(sentence):
                within = set(range(match.places[0], match.places[-1])) - set(match.places)
                if any(sentence[place].word in _PARTING for place in within):
                    continue
                status = context.status(match.places)
                if status is Status.PAST and not context.stands_there("past", match.places):
                    status = Status.PRESENT
                if status is Status.PRESENT or (status is Status.ABSENT and not context.is_denied_there(match.places)):
                    status = Status.ABSENT
                elif status is Status.ABSENT:
                    status = Status.PRESENT
                well.append(_chip(match, status, sentence, text))
        told = {chip.code for chip in found}
        found += [chip for chip in well if chip.code not in told]
        found += self._measured(text, age if age is not None else years)
        length = numbers.course(text)
        if length and length[0] in self._knowledge.findings and self._is_of_now(length[1], found, told_in):
            code, start, end = length
            found.append(Chip(code, Status.PRESENT, start, end, text[start:end]))
        return Recognised(years, numbers.sex(text), tuple(self._merged(found)), self._history)

    def _is_of_now(self, place: int, found: Sequence[Chip], told_in: Sequence[tuple[int, int]]) -> bool:
        """Whether a duration is of what is there: not in a sentence that names only what is over, or history."""
        start, end = next((span for span in told_in if span[0] <= place < span[1]), (0, 0))
        there = [chip for chip in found if start <= chip.start < end]
        if not there:
            return bool(found)
        return any(chip.status is not Status.PAST and chip.code not in self._history for chip in there)

    def _merged(self, found: Sequence[Chip]) -> list[Chip]:
        """One chip a finding. What is of the past is still history where it is none today: "asthma as a child"."""
        best: dict[str, Chip] = {}
        for chip in found:
            order = _ORDER_OF_HISTORY if chip.code in self._history else _ORDER
            known = best.get(chip.code)
            if known is None or order.index(chip.status) < order.index(known.status):
                best[chip.code] = chip
        return sorted(best.values(), key=lambda chip: (chip.start, chip.end))

    def _measured(self, text: str, age: float | None) -> list[Chip]:
        return [
            Chip(code, Status.PRESENT if present else Status.ABSENT, one.start, one.end, text[one.start : one.end])
            for one in numbers.measured(text)
            for code, present in from_measurement(self._knowledge, one.measure, one.value, age=age).items()
        ]

    def _specific(self, matches: Sequence[Match], sentence: Sequence[Token]) -> list[Match]:
        """Drop a match whose words are all part of a longer one, unless one lies within the other or is history.

        Of two of one finding that share a word the tighter counts: "eyes red, vision not blurred".
        """
        told = [_telling(match, sentence) for match in matches]
        kept = [
            match
            for match, own in zip(matches, told, strict=True)
            if not any(
                own < longer and self._says_it(other, match, sentence)
                for other, longer in zip(matches, told, strict=True)
            )
        ]
        return [match for match in kept if not any(_is_tighter(other, match) for other in kept)]

    def _says_it(self, longer: Match, match: Match, sentence: Sequence[Token]) -> bool:
        """Whether a longer match leaves nothing to say for one within it. Words far apart say one more thing."""
        if longer.code == match.code:
            return True
        if not longer.fixed and any(one.word in _LISTING for one in sentence[longer.places[0] : longer.places[-1]]):
            return False
        if {longer.code, match.code} & self._history or self._are_related(longer.code, match.code):
            return False
        if (
            self._are_of_one_family(longer.code, match.code)
            and _stands_together(match)
            and not _stands_together(longer)
        ):
            return False
        return longer.fixed or len(match.places) > 1 or sentence[match.places[0]].stem in _VAGUE

    def _is_only_outer(self, match: Match, matches: Sequence[Match]) -> bool:
        """Whether the same words say a finding within this one: "dizzy, but no spinning" denies no dizziness."""
        return any(
            other.places == match.places and other.code != match.code and self._lies_within(other.code, match.code)
            for other in matches
        )

    def _are_related(self, one: str, other: str) -> bool:
        return self._lies_within(one, other) or self._lies_within(other, one)

    def _are_of_one_family(self, one: str, other: str) -> bool:
        """Whether two findings say different things of one complaint, as "crushing" and "for hours" do of a pain."""
        family = self._knowledge.findings[one].family
        return bool(family) and family == self._knowledge.findings[other].family

    def _lies_within(self, code: str, outer: str) -> bool:
        while code:
            if code == outer:
                return True
            code = self._knowledge.findings[code].parent
        return False


def _stands_together(match: Match) -> bool:
    """Whether the words of a match are two or more that nothing parts: "crushing chest", but not "chest … hours"."""
    return 1 < len(match.places) == match.places[-1] - match.places[0] + 1


def _telling(match: Match, sentence: Sequence[Token]) -> frozenset[int]:
    """The places of a match without those that tell nothing: "lump in my groin" says no more than "groin lump"."""
    return frozenset(place for place in match.places if sentence[place].word not in _FILLERS)


def _is_tighter(other: Match, match: Match) -> bool:
    """Whether another match of the finding lies within the stretch of this one and says it in fewer words between."""
    return (
        other.code == match.code
        and not set(other.places).isdisjoint(match.places)
        and match.places[0] <= other.places[0]
        and other.places[-1] <= match.places[-1]
        and other.places[-1] - other.places[0] < match.places[-1] - match.places[0]
        and not set(other.places) < set(match.places)
    )


def _is_given_up(match: Match, sentence: Sequence[Token]) -> bool:
    """Whether a habit or a medicine was given up: "stopped naproxen"."""
    return match.places[0] > 0 and sentence[match.places[0] - 1].word in _GIVEN_UP


def _ended(chip: Chip) -> Chip:
    return replace(chip, status=Status.PAST) if chip.status is Status.PRESENT else chip


def _idioms(sentence: Sequence[Token]) -> list[frozenset[int]]:
    """The numbers of the words of each turn of speech."""
    words = [token.word for token in sentence]
    return [
        frozenset(range(first, first + len(idiom)))
        for first in range(len(words))
        for idiom in _IDIOMS.get(words[first], ())
        if tuple(words[first : first + len(idiom)]) == idiom
    ]


def _is_said_otherwise(match: Match, said: Iterable[frozenset[int]]) -> bool:
    """Whether a word belongs to a turn of speech, unless the match holds that and more: "fell asleep at the wheel"."""
    places = frozenset(match.places)
    return any(turn & places and not turn < places for turn in said)


def _vaccines(sentence: Sequence[Token]) -> set[int]:
    """The numbers of the words that say against what a vaccine is: "measles, mumps and rubella vaccine"."""
    words = [token.word for token in sentence]

    def names(place: int) -> bool:
        return words[place] in VACCINATED or " ".join(words[max(0, place - 1) : place + 1]) in VACCINATED

    found = set()
    for place in (place for place, word in enumerate(words) if word in VACCINES):
        before = place - 1
        # "Cough, flu jab given" is no list; one has an "and".
        while before >= 0 and (
            names(before)
            or words[before] in {"and", "/", "&"}
            or (words[before] == "," and not {"and", "&"}.isdisjoint(words[before:place]))
        ):
            before -= 1
        after = place + 1
        while after < len(words) and (
            names(after) or words[after] in AGAINST or (words[after] in {"and", ","} and after > place + 1)
        ):
            after += 1
        found |= set(range(before + 1, after)) - {place}
    return found


def _chip(match: Match, status: Status, sentence: Sequence[Token], text: str) -> Chip:
    first, last = sentence[match.places[0]], sentence[match.places[-1]]
    return Chip(match.code, status, first.start, last.end, text[first.start : last.end])


def _patients(found: Sequence[Token]) -> Mapping[str, None]:
    words = [token.word.removesuffix("'s") for token in found[:12]]
    of_oneself = not {"i", "i'm", "i've", "me"}.isdisjoint(token.word for token in found)
    alone = sum(token.word in {".", ";", "?", "!"} for token in found[:-1]) == 0
    for number, word in enumerate(words):
        if word in {"i", "i'm", "i've"}:
            break
        if word in {"my", "our"}:
            known = (
                _DEPENDANTS if of_oneself or (alone and numbers.age(" ".join(words)) is None) else _OTHERS_AS_PATIENTS
            )
            named = dict.fromkeys(other for other in words[number + 1 : number + 4] if other in known)
            return {other: None for other in named if words[words.index(other) + 1 :][:1] not in (["had"], ["died"])}
    return {}
