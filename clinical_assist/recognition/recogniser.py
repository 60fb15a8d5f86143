"""Findings of a knowledge base in free text, each with its status and its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clinical_assist.knowledge.measures import from_measurement
from clinical_assist.knowledge.types import Knowledge
from clinical_assist.recognition import numbers
from clinical_assist.recognition.context import Sentence, Status
from clinical_assist.recognition.phrases import Match, Matcher
from clinical_assist.recognition.text import Token, sentences, tokens

# Who speaks of "my son" at the outset speaks of the patient.
_OTHERS_AS_PATIENTS = frozenset(
    {
        "son", "daughter", "husband", "wife", "partner", "mother", "father", "mum", "mom", "dad", "child", "grandson",
        "granddaughter", "baby", "boyfriend", "girlfriend", "toddler", "kid", "boy", "girl", "grandmother",
        "grandfather",
    }
)  # fmt: skip
_ORDER = (Status.PRESENT, Status.ABSENT, Status.UNCERTAIN, Status.PAST, Status.FAMILY)


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
        self._matcher = Matcher({finding.code: finding.phrases for finding in knowledge.findings.values()})
        self._history = frozenset(finding.code for finding in knowledge.findings.values() if finding.kind == "history")

    def recognise(self, text: str, *, age: float | None = None) -> Recognised:
        """Read a text. ``age`` in years decides limits of measured values where the text does not name one."""
        years = numbers.age(text)
        found: list[Chip] = []
        all_tokens = tokens(text)
        patients = _patients(all_tokens)
        for sentence in sentences(all_tokens):
            context = Sentence(sentence, patients)
            for match in self._specific(self._matcher.matches(sentence)):
                if any(sentence[place].word in patients for place in match.places):
                    continue
                first, last = sentence[match.places[0]], sentence[match.places[-1]]
                found.append(
                    Chip(match.code, context.status(match.places), first.start, last.end, text[first.start : last.end])
                )
        found += self._measured(text, age if age is not None else years)
        length = numbers.course(text)
        if length and length[0] in self._knowledge.findings:
            code, start, end = length
            found.append(Chip(code, Status.PRESENT, start, end, text[start:end]))
        return Recognised(years, numbers.sex(text), tuple(_merged(found)), self._history)

    def _measured(self, text: str, age: float | None) -> list[Chip]:
        return [
            Chip(code, Status.PRESENT if present else Status.ABSENT, one.start, one.end, text[one.start : one.end])
            for one in numbers.measured(text)
            for code, present in from_measurement(self._knowledge, one.measure, one.value, age=age).items()
        ]

    def _specific(self, matches: Sequence[Match]) -> list[Match]:
        """Drop a match whose words are all part of a longer one, unless one lies within the other or is history."""
        kept = []
        for match in matches:
            places = set(match.places)
            if not any(
                places < set(other.places)
                and (
                    other.code == match.code
                    or (other.code not in self._history and not self._are_related(other.code, match.code))
                )
                for other in matches
            ):
                kept.append(match)
        return kept

    def _are_related(self, one: str, other: str) -> bool:
        return self._lies_within(one, other) or self._lies_within(other, one)

    def _lies_within(self, code: str, outer: str) -> bool:
        while code:
            if code == outer:
                return True
            code = self._knowledge.findings[code].parent
        return False


def _merged(found: Sequence[Chip]) -> list[Chip]:
    best: dict[str, Chip] = {}
    for chip in found:
        known = best.get(chip.code)
        if known is None or _ORDER.index(chip.status) < _ORDER.index(known.status):
            best[chip.code] = chip
    return sorted(best.values(), key=lambda chip: (chip.start, chip.end))


def _patients(found: Sequence[Token]) -> Mapping[str, None]:
    words = [token.word for token in found[:12]]
    for number, word in enumerate(words):
        if word in {"i", "i'm", "i've"}:
            break
        if word in {"my", "our"}:
            named = dict.fromkeys(other for other in words[number + 1 : number + 4] if other in _OTHERS_AS_PATIENTS)
            return {other: None for other in named if words[words.index(other) + 1 :][:1] not in (["had"], ["died"])}
    return {}
