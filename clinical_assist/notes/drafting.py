"""The draft of a note: sentences made from what was recorded, by rules alone. Each names its sources.

What is not recorded is not in the draft. *Not known* and *none known* are said apart, a value has its unit and day,
and nothing is concluded: the assessment repeats what was recorded and shown, and says which of the two it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from django.utils.translation import gettext as _

from clinical_assist.models import PlanLine, RecordItem
from clinical_assist.notes import saying
from clinical_assist.notes.facts import Facts, FoundFact, Recorded, Told
from clinical_assist.notes.sections import Risk, Section, Sentence, Source
from clinical_assist.record.items import History, Item, Measurement
from clinical_assist.record.measures import MEASURES
from llmasos.answering.sentences import complete, split

VITALS_DAYS: Final = 30
LABORATORY_DAYS: Final = 365
OPTIONS: Final = 5
EXAMINED: Final = frozenset({"sign", "vital"})
TOPICS: Final = frozenset({"family", "social", "pregnancy", "other"})
CHANGING: Final = frozenset({"social", "pregnancy"})


def draft(facts: Facts) -> dict[str, list[Sentence]]:
    """Return the sentences of each section."""
    return {
        Section.SUBJECTIVE.value: _Part(facts).subjective(),
        Section.OBJECTIVE.value: _Part(facts).objective(),
        Section.ASSESSMENT.value: _Part(facts).assessment(),
        Section.PLAN.value: _Part(facts).plan(),
    }


def allergies_said(facts: Facts) -> list[str]:
    """Return what a note says about allergies."""
    return [one.drafted for one in draft(facts)[Section.SUBJECTIVE] if one.risk == Risk.ALLERGIES]


class _Part:
    """Collects the sentences of one section."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._said: list[Sentence] = []

    def subjective(self) -> list[Sentence]:
        facts = self._facts
        known = facts.identity
        self._add(
            "identity",
            saying.identity(known, facts.on),
            [saying.identity_source(known, facts.on)],
            risk=Risk.IDENTITY,
        )
        if reason := saying.plain(facts.reason):
            text = _("Reason for the visit: %(reason)s") % {"reason": reason}
            source = Source("encounter", facts.encounter_id, _("Reason for the visit"), facts.on.isoformat(), text)
            self._add("reason", text, [source])
        if facts.told is not None:
            for words in dict.fromkeys(saying.plain(sentence.text) for sentence in split(facts.told.text)):
                self._add(f"told {words}", words, [saying.told_source(facts.told, words)])
            self._findings(facts.told, [one for one in facts.told.findings if one.kind not in EXAMINED])
        self._items(RecordItem.Kind.PROBLEM, [one for one in facts.problems if not one.here])
        self._items(RecordItem.Kind.HISTORY, _history(facts.history))
        self._allergies()
        self._medications()
        return self._said

    def objective(self) -> list[Sentence]:
        facts = self._facts
        vitals = _latest(facts.vitals, since=facts.on - timedelta(days=VITALS_DAYS))
        laboratory = _latest(facts.laboratory, since=facts.on - timedelta(days=LABORATORY_DAYS))
        self._measured(RecordItem.Kind.VITAL, vitals)
        if facts.told is not None:
            self._findings(facts.told, [one for one in facts.told.findings if one.kind in EXAMINED], examined=True)
        self._measured(RecordItem.Kind.LABORATORY, laboratory)
        return self._said

    def assessment(self) -> list[Sentence]:
        facts = self._facts
        self._items(RecordItem.Kind.PROBLEM, [one for one in facts.problems if one.here])
        if facts.own_list is not None and facts.own_list.names:
            self._add("own list", saying.own_differential(facts.own_list), [saying.own_source(facts.own_list)])
        if (shown := facts.differential) is not None:
            source = saying.differential_source(shown)
            if shown.outside:
                self._add("outside", saying.outside(), [source])
            if shown.options:
                self._add("differential", saying.suggested(shown, most=OPTIONS), [source])
        return self._said

    def plan(self) -> list[Sentence]:
        for line in self._facts.plan:
            risk = Risk.MEDICATION if line.kind == PlanLine.Kind.MEDICINE else ""
            self._add(f"plan {line.id}", saying.plain(line.words), [saying.plan_source(line)], risk=risk)
        return self._said

    def _allergies(self) -> None:
        known = self._facts.identity
        active = [one for one in self._facts.allergies if one.item.status == "active"]
        self._items(RecordItem.Kind.ALLERGY, active, risk=Risk.ALLERGIES)
        if not active:
            source = saying.allergies_source(known, self._facts.on)
            self._add("allergies", source.text, [source], risk=Risk.ALLERGIES)

    def _medications(self) -> None:
        taken = [one for one in self._facts.medications if one.item.status in {"active", "on-hold"}]
        self._items(RecordItem.Kind.MEDICATION, taken, risk=Risk.MEDICATION)
        if not taken:
            source = saying.medication_source(self._facts.identity, self._facts.on)
            self._add("medications", source.text, [source], risk=Risk.MEDICATION)

    def _items(self, kind: str, items: Iterable[Recorded[Item]], *, risk: str = "") -> None:
        for one in items:
            self._add(f"{kind} {one.id}", saying.item_text(kind, one), [saying.item_source(kind, one)], risk=risk)

    def _findings(self, told: Told, findings: Sequence[FoundFact], *, examined: bool = False) -> None:
        place = "examined" if examined else "asked"
        for state in ("present", "absent", "unknown"):
            of_state = [one for one in findings if one.state == state]
            if of_state:
                sources = [saying.finding_source(told, one) for one in of_state]
                self._add(f"{place} {state}", saying.found_as(state, of_state), sources, risk=Risk.FINDING)

    def _measured(self, kind: str, values: Iterable[Recorded[Measurement]]) -> None:
        days: dict[str, list[Recorded[Measurement]]] = {}
        for one in values:
            days.setdefault(saying.item_day(one), []).append(one)
        for on, of_day in sorted(days.items(), reverse=True):
            said = "; ".join(saying.measured(one.item) for one in of_day)
            sources = [saying.item_source(kind, one) for one in of_day]
            self._add(f"{kind} {on}", f"{saying.heading(kind)} {on}: {said}", sources)

    def _add(self, topic: str, text: str, sources: Iterable[Source], *, risk: str = "") -> None:
        text = text if complete(text) else f"{text}."
        key = sha256(f"{self._facts.identity.id}:{self._facts.encounter_id}:{topic}".encode()).hexdigest()[:16]
        self._said.append(Sentence(key=key, drafted=text, sources=tuple(sources), risk=str(risk)))


def _history(items: Iterable[Recorded[History]]) -> list[Recorded[History]]:
    """Return the history of a note; of what changes with time (habits, pregnancy) the newest statement of each name."""
    kept: dict[tuple[str, ...], Recorded[History]] = {}
    for one in sorted((one for one in items if one.item.topic in TOPICS), key=saying.item_day):
        name = (one.item.topic, saying.plain(one.item.name))
        kept[name if one.item.topic in CHANGING else (one.id,)] = one
    return list(kept.values())


def _latest(items: Iterable[Recorded[Measurement]], *, since: date) -> list[Recorded[Measurement]]:
    """Return the newest value of each measure that is not older than ``since``, in the order in which they are read."""
    newest: dict[str, Recorded[Measurement]] = {}
    for one in sorted(items, key=lambda one: (saying.plain(one.item.on) or one.recorded_on.isoformat(), one.id)):
        if saying.item_day(one) >= since.isoformat():
            newest[one.item.measure or saying.plain(one.item.name)] = one
    order = {name: place for place, name in enumerate(MEASURES)}
    return [newest[name] for name in sorted(newest, key=lambda name: (order.get(name, len(order)), name))]
