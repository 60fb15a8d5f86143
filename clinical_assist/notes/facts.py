"""What is known when a note is drafted. Plain data, so that drafting is a pure function of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from clinical_assist.record.items import Allergy, History, Item, Measurement, Medication, Problem

ItemType = TypeVar("ItemType", bound=Item, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[ItemType]):
    """An item of the record with the id of its row. ``here`` when it was written in this encounter."""

    id: str
    item: ItemType
    recorded_on: date
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the patient is, as the record has it."""

    id: str
    name: str
    sex: str
    birth_date: date | None
    number: str = ""
    no_known_allergies_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFact:
    """A finding of the knowledge base with the state that the clinician left it in: present, absent or unknown."""

    code: str
    name: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The intake: its text word for word, and the findings."""

    id: str
    on: date
    text: str = ""
    findings: tuple[FoundFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Differential:
    """A differential as it was shown: names with chances from 0 to 1, likeliest first."""

    id: str
    on: date
    knowledge: str
    options: tuple[tuple[str, float], ...]
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnList:
    """The clinician's own differential, and the day on which it was committed."""

    id: str
    on: date
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFact:
    """A line of the plan in its own words; ``kind`` is of ``PlanLine.Kind``. ``signed`` when its plan is."""

    id: str
    kind: str
    words: str
    on: date
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a draft may say."""

    identity: Identity
    encounter_id: str
    on: date
    reason: str = ""
    told: Told | None = None
    problems: tuple[Recorded[Problem], ...] = ()
    allergies: tuple[Recorded[Allergy], ...] = ()
    medications: tuple[Recorded[Medication], ...] = ()
    vitals: tuple[Recorded[Measurement], ...] = ()
    laboratory: tuple[Recorded[Measurement], ...] = ()
    history: tuple[Recorded[History], ...] = ()
    own_list: OwnList | None = None
    differential: Differential | None = None
    plan: tuple[PlanFact, ...] = ()
