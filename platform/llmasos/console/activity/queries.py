"""Counts over the log: by day and outcome, by person, and access outside every known relation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from llmasos.accounts.models import Person
from llmasos.audit.models import Entry
from llmasos.console.activity.comparing import Comparison, compare
from llmasos.privacy.breakglass.permissions import PURPOSE
from llmasos.privacy.relations import relations, unrelated

DAYS = 30
COMPARED_DAYS = 7
OUTSIDE_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Day:
    """How many entries one day has, by outcome."""

    day: date
    success: int = 0
    denied: int = 0
    failure: int = 0

    @property
    def total(self) -> int:
        return self.success + self.denied + self.failure


@dataclass(frozen=True, slots=True)
class Reader:
    """A person, the roles held when reading, how many people's data they opened, and how that compares."""

    person_id: UUID
    name: str
    roles: str
    subjects: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Outside:
    """Access to one subject by one person who has nothing to do with it, as far as applications tell.

    ``by_emergency`` says that every such access was under emergency access, which is reviewed by itself.
    """

    person_id: UUID
    name: str
    subject_kind: str
    subject_id: UUID
    times: int
    last_at: datetime
    by_emergency: bool


@dataclass(slots=True)
class _Access:
    times: int = 0
    by_emergency: bool = True
    last_at: datetime = field(default_factory=timezone.now)


def days(organisation_id: UUID, zone: ZoneInfo) -> list[Day]:
    """Return the last thirty days, oldest first, in the organisation's time; inside ``acting_in``."""
    today = timezone.localdate(timezone=zone)
    first = today - timedelta(days=DAYS - 1)
    counted: dict[date, dict[str, int]] = defaultdict(dict)
    found = (
        Entry.objects.filter(organisation_id=organisation_id, recorded_at__gte=_since(DAYS + 1))
        .annotate(day=TruncDate("recorded_at", tzinfo=zone))
        .values("day", "outcome")
        .annotate(number=Count("id"))
        .order_by()
    )
    for row in found:
        counted[row["day"]][row["outcome"]] = row["number"]
    every = (first + timedelta(days=ahead) for ahead in range(DAYS))
    return [Day(day, **counted.get(day, {})) for day in every]


def readers(organisation_id: UUID) -> list[Reader]:
    """Return who opened whose data in the last week, most people first, each compared with those of the same role.

    Somebody's access to their own data does not count.
    """
    seen: dict[tuple[UUID, str], set[tuple[str, UUID]]] = defaultdict(set)
    for person_id, roles, kind, subject_id in (
        _accesses(organisation_id).values_list("actor_id", "actor_role", "subject_kind", "subject_id").distinct()
    ):
        if person_id is not None and subject_id is not None and subject_id != person_id:
            seen[person_id, roles].add((kind, subject_id))
    numbers: dict[str, list[int]] = defaultdict(list)
    for (_person_id, roles), subjects in seen.items():
        numbers[roles].append(len(subjects))

    @cache
    def compared(roles: str, number: int) -> Comparison:
        # Whoever opened as many has the same peers' numbers: all of the role but one of these.
        peers = numbers[roles].copy()
        peers.remove(number)
        return compare(number, peers)

    names = _names(person_id for person_id, _roles in seen)
    found = [
        Reader(person_id, names.get(person_id, ""), roles, len(subjects), compared(roles, len(subjects)))
        for (person_id, roles), subjects in seen.items()
    ]
    return sorted(found, key=lambda reader: (-reader.subjects, reader.name))


def outside(organisation_id: UUID) -> list[Outside]:
    """Return the last week's access outside every relation that applications tell, newest first."""
    known = relations()
    accesses: dict[tuple[UUID, str, UUID], _Access] = {}
    rows = _accesses(organisation_id).filter(subject_kind__in=known).order_by("recorded_at")
    for person_id, kind, subject_id, purpose, moment in rows.values_list(
        "actor_id", "subject_kind", "subject_id", "purpose", "recorded_at"
    ).iterator():
        if person_id is not None and subject_id is not None and subject_id != person_id:
            access = accesses.setdefault((person_id, kind, subject_id), _Access())
            access.times += 1
            access.by_emergency &= purpose == PURPOSE
            access.last_at = moment
    subjects: dict[tuple[UUID, str], set[UUID]] = defaultdict(set)
    for person_id, kind, subject_id in accesses:
        subjects[person_id, kind].add(subject_id)
    names = _names(person_id for person_id, _kind in subjects)
    found = [
        Outside(
            person_id,
            names.get(person_id, ""),
            kind,
            subject_id,
            accesses[person_id, kind, subject_id].times,
            accesses[person_id, kind, subject_id].last_at,
            accesses[person_id, kind, subject_id].by_emergency,
        )
        for (person_id, kind), opened in subjects.items()
        for subject_id in unrelated(organisation_id, person_id, kind, frozenset(opened))
    ]
    return sorted(found, key=lambda one: one.last_at, reverse=True)


def _accesses(organisation_id: UUID) -> QuerySet[Entry]:
    return Entry.objects.filter(
        organisation_id=organisation_id,
        recorded_at__gte=_since(COMPARED_DAYS),
        actor_kind="person",
        outcome="success",
        subject_id__isnull=False,
    )


def _since(days_ago: int) -> datetime:
    return timezone.now() - timedelta(days=days_ago)


def _names(people: Iterable[UUID]) -> dict[UUID, str]:
    return {person.pk: str(person) for person in Person.objects.filter(pk__in=set(people))}
