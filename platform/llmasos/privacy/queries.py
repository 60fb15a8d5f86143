"""Reads of privacy; all inside ``acting_in``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from llmasos.accounts.models import Person, Role
from llmasos.audit.models import Entry
from llmasos.audit.types import Ref
from llmasos.privacy.models import (
    OPEN_STATES,
    Consent,
    ConsentText,
    Erasure,
    LegalHold,
    Note,
    Request,
    RetentionPeriod,
    SubjectOwned,
)
from llmasos.privacy.registry import RetentionClass, retention_classes, stores, stores_of
from llmasos.vault.errors import VaultError

RowType = TypeVar("RowType", bound=SubjectOwned)


@dataclass(frozen=True, slots=True)
class Access:
    """One line of "who saw my data", in words. ``own`` marks what the subject did."""

    at: datetime
    who: str
    what: str
    why: str
    outcome: str
    own: bool
    entry_id: UUID

    def as_dict(self) -> dict[str, Any]:
        return {
            "time": self.at.isoformat(),
            "who": self.who,
            "what": self.what,
            "why": self.why,
            "outcome": self.outcome,
            "entry": str(self.entry_id),
        }


@dataclass(frozen=True, slots=True)
class Period:
    """What holds for one class in an organisation. ``days`` None: no end; ``held``: nothing expires for now."""

    retention_class: RetentionClass
    days: int | None
    is_default: bool
    held: bool
    stores: tuple[str, ...]


def entries_about(organisation_id: UUID, subject: Ref) -> QuerySet[Entry]:
    """Return the log's entries on one subject's data, newest first."""
    return Entry.objects.filter(
        organisation_id=organisation_id, subject_kind=subject.kind, subject_id=subject.id
    ).order_by("-recorded_at", "-id")


def in_words(entries: Iterable[Entry], subject: Ref, *, names: bool) -> list[Access]:
    """Put entries into words for the subject. Without ``names``, people are shown by their role alone."""
    shown = list(entries)
    ids = {entry.actor_id for entry in shown if entry.actor_kind == "person" and entry.actor_id}
    people = {person.pk: str(person) for person in Person.objects.filter(pk__in=ids)} if names and ids else {}
    return [
        Access(
            at=entry.recorded_at,
            who=_who(entry, subject, people),
            what=entry.action_label(),
            why=_why(entry),
            outcome=str(entry.get_outcome_display()),
            own=_is_own(entry, subject),
            entry_id=entry.pk,
        )
        for entry in shown
    ]


def _is_own(entry: Entry, subject: Ref) -> bool:
    return (entry.actor_kind, entry.actor_id) == (subject.kind, subject.id)


def _who(entry: Entry, subject: Ref, people: dict[UUID, str]) -> str:
    if _is_own(entry, subject):
        return _("You")
    if entry.actor_kind == "person":
        labels = dict(Role.choices)
        roles = ", ".join(str(labels.get(role, role)) for role in entry.actor_role.split(",") if role)
        name = people.get(entry.actor_id, "") if entry.actor_id else ""
        return " · ".join(part for part in (name, roles) if part) or _("Someone of the organisation")
    kinds = {
        "key": _("A program with an API key"),
        "service": _("A program of the organisation"),
        "visitor": _("A visitor"),
        "system": _("The platform itself"),
    }
    return kinds.get(entry.actor_kind, entry.actor_kind)


def _why(entry: Entry) -> str:
    purposes = {
        "": _("To provide the service"),
        "care": _("Care"),
        "teaching": _("Teaching"),
        "support": _("Support"),
        "break_glass": _("Emergency access"),
        "break-glass": _("Emergency access"),
        "rights": _("To answer a privacy request"),
    }
    return purposes.get(entry.purpose, entry.purpose)


def requests(organisation_id: UUID, *, only_open: bool = False) -> QuerySet[Request]:
    """Return the requests, those that are due first."""
    found = Request.objects.for_organisation(organisation_id)
    return found.filter(state__in=OPEN_STATES).order_by("due_at") if only_open else found.order_by("-received_at")


def open_requests(organisation_id: UUID) -> int:
    """Return how many requests wait for an answer."""
    return requests(organisation_id, only_open=True).count()


def requests_of(organisation_id: UUID, subject: Ref) -> QuerySet[Request]:
    return _of(Request.objects.for_organisation(organisation_id), subject).order_by("-received_at")


def erasures(organisation_id: UUID) -> QuerySet[Erasure]:
    return Erasure.objects.for_organisation(organisation_id).order_by("-created_at")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with its sealed texts opened; None where nothing was written, or the person was erased."""

    request: Request
    details: str | None
    extension_reason: str | None
    decision_reason: str | None


def answered(rows: Iterable[Request]) -> list[Asked]:
    """Open the texts of requests."""
    names = ("details", "extension_reason", "decision_reason")
    return [Asked(row, *(text_of(row, name) for name in names)) for row in rows]


def text_of(row: Request | Note, name: str) -> str | None:
    """Return a sealed text of a row; None where nothing was written or the subject was erased."""
    try:
        value: str | None = getattr(row, name)
    except VaultError:
        return None
    return value


def consents_of(organisation_id: UUID, subject: Ref) -> QuerySet[Consent]:
    """Return what a subject consented to, newest first, with the texts."""
    return _of(Consent.objects.for_organisation(organisation_id), subject).select_related("text").order_by("-given_at")


def has_consent(organisation_id: UUID, subject: Ref, purpose: str) -> bool:
    return consents_of(organisation_id, subject).filter(purpose=purpose, withdrawn_at__isnull=True).exists()


def consent_texts(organisation_id: UUID) -> QuerySet[ConsentText]:
    return ConsentText.objects.for_organisation(organisation_id).order_by("purpose", "language", "-version")


def active_holds(organisation_id: UUID) -> QuerySet[LegalHold]:
    return LegalHold.objects.for_organisation(organisation_id).filter(lifted_at__isnull=True).order_by("-placed_at")


def past_holds(organisation_id: UUID) -> QuerySet[LegalHold]:
    return LegalHold.objects.for_organisation(organisation_id).filter(lifted_at__isnull=False).order_by("-lifted_at")


def holds_on(organisation_id: UUID, subject: Ref) -> list[LegalHold]:
    """Return the holds that forbid erasing a subject: its own, and those of classes that hold some of its data."""
    held_classes = {
        store.retention_class
        for store in stores_of(subject.kind)
        if store.retention_class and store.count and store.count(organisation_id, subject)
    }
    return list(
        active_holds(organisation_id).filter(
            Q(subject_kind=subject.kind, subject_id=subject.id) | Q(retention_class__in=held_classes)
        )
    )


def label_of_hold(hold: LegalHold) -> str:
    """Say for people what a hold covers."""
    known = retention_classes().get(hold.retention_class)
    return str(known.label) if known else str(hold)


def held_subjects(organisation_id: UUID) -> frozenset[Ref]:
    """Return the subjects whose data must not expire."""
    rows = active_holds(organisation_id).filter(subject_id__isnull=False).values_list("subject_kind", "subject_id")
    return frozenset(Ref(kind, identifier) for kind, identifier in rows)


def periods(organisation_id: UUID) -> list[Period]:
    """Return the period of every class, the organisation's own where it set one."""
    own = dict(RetentionPeriod.objects.for_organisation(organisation_id).values_list("code", "days"))
    held = set(active_holds(organisation_id).exclude(retention_class="").values_list("retention_class", flat=True))
    return [
        Period(
            retention_class=known,
            days=own.get(code, known.days),
            is_default=code not in own,
            held=code in held,
            stores=tuple(str(store.label) for store in stores().values() if store.retention_class == code),
        )
        for code, known in retention_classes().items()
    ]


def _of(rows: QuerySet[RowType], subject: Ref) -> QuerySet[RowType]:
    return rows.filter(subject_kind=subject.kind, subject_id=subject.id)
