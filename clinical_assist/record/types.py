"""What is read from a record: items with where they come from, and the summary on which a patient's pages stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Literal, TypeVar
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from clinical_assist.models import Patient, RecordItem
from clinical_assist.record.items import Allergy, History, Item, Measurement, Medication, Problem
from clinical_assist.record.measures import MEASURES

T = TypeVar("T", bound=Item, covariant=True)
_SEVERITY = {"severe": 0, "moderate": 1, "mild": 2, "": 3}


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One item with its provenance: how it came here, who wrote it and when."""

    id: UUID
    kind: str
    item: T
    source: str
    recorded_at: datetime
    recorded_by: str
    encounter_id: UUID | None
    is_corrected: bool

    @property
    def source_label(self) -> str:
        return str(RecordItem.Source(self.source).label)

    @property
    def on(self) -> date | None:
        """The day that the item names; None where it names none or a year alone."""
        return day_of(self.item.on)

    @property
    def when(self) -> datetime:
        """The time by which items are ordered: the one that it names, else when it was written."""
        return time_of(self.item.on) or self.recorded_at


@dataclass(frozen=True, slots=True)
class Computed:
    """A figure that was computed from the record, with what it stands on."""

    value: float
    unit: str
    on: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A patient with everything that is known, newest first. ``purpose`` is under which it was read."""

    patient: Patient
    purpose: str
    problems: tuple[Entry[Problem], ...]
    allergies: tuple[Entry[Allergy], ...]
    medications: tuple[Entry[Medication], ...]
    vitals: tuple[Entry[Measurement], ...]
    laboratory: tuple[Entry[Measurement], ...]
    history: tuple[Entry[History], ...]

    @property
    def age(self) -> int | None:
        """Whole years, at death where the patient died; None where the birth date is unknown."""
        return age_on(self.patient.birth_date, self.patient.deceased_on or timezone.localdate())

    @property
    def active_problems(self) -> tuple[Entry[Problem], ...]:
        return tuple(one for one in self.problems if one.item.status == "active" and one.item.verification != "refuted")

    @property
    def active_allergies(self) -> tuple[Entry[Allergy], ...]:
        """Active reactions, the most severe first; what may be fatal comes before what is only severe."""
        active = [one for one in self.allergies if one.item.status == "active"]
        return tuple(sorted(active, key=lambda one: (one.item.criticality != "high", _SEVERITY[one.item.severity])))

    @property
    def active_medications(self) -> tuple[Entry[Medication], ...]:
        return tuple(one for one in self.medications if one.item.status in {"active", "on-hold"})

    @property
    def allergies_known(self) -> Literal["some", "none", "unknown"]:
        """Whether there are reactions, or somebody asked and there are none, or nobody said."""
        if self.active_allergies:
            return "some"
        return "none" if self.patient.no_known_allergies_on else "unknown"

    def latest(self, measure: str) -> Entry[Measurement] | None:
        """Return the newest value of a vital sign or laboratory result by our name of it."""
        found = [
            one
            for one in (*self.vitals, *self.laboratory)
            if one.item.measure == measure and one.item.value is not None
        ]
        return max(found, key=lambda one: (one.when, one.recorded_at), default=None)

    @property
    def latest_vitals(self) -> tuple[Entry[Measurement], ...]:
        return newest_of_each(self.vitals)

    @property
    def latest_laboratory(self) -> tuple[Entry[Measurement], ...]:
        return newest_of_each(self.laboratory)

    @property
    def pregnancy(self) -> Entry[History] | None:
        """The newest statement about pregnancy or breast-feeding; None where there is none."""
        return next((one for one in self.history if one.item.topic == "pregnancy"), None)


def newest_of_each(entries: Sequence[Entry[Measurement]]) -> tuple[Entry[Measurement], ...]:
    """Return the newest of each measure, in the order of the table of measures, unknown ones last by name."""
    found: dict[str, Entry[Measurement]] = {}
    for one in entries:
        found.setdefault(one.item.measure or one.item.name, one)
    places = {name: place for place, name in enumerate(MEASURES)}
    return tuple(found[key] for key in sorted(found, key=lambda key: (places.get(key, len(places)), key)))


def newest_first(entries: Iterable[Entry[T]]) -> tuple[Entry[T], ...]:
    return tuple(sorted(entries, key=lambda one: (one.when, one.recorded_at), reverse=True))


def age_on(birth_date: date | None, day: date) -> int | None:
    """Return the whole years between two days."""
    if birth_date is None:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def day_of(text: str) -> date | None:
    """Return the day of an ISO day or time; None where the text names less, such as a year."""
    found = time_of(text)
    return timezone.localdate(found) if found else None


def time_of(text: str) -> datetime | None:
    """Return the moment of an ISO time, or the start of an ISO day; None for anything else."""
    try:
        moment = parse_datetime(text)
        if moment is None:
            day = parse_date(text)
            moment = None if day is None else datetime(day.year, day.month, day.day)  # noqa: DTZ001 - made aware below
    except ValueError:
        return None
    if moment is None:
        return None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
