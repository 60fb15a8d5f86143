"""Reading the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from llmasos.audit import payloads
from llmasos.audit.models import Entry, Position
from llmasos.audit.scope import log_of
from llmasos.audit.types import Ref


@dataclass(frozen=True, slots=True)
class LogState:
    """Where an organisation's log stands.

    ``entries`` counts those with a position, ``unsequenced`` those that wait for one; ``head_hash`` is the
    chain's last hash in hexadecimal digits, empty while the log is.
    """

    entries: int
    unsequenced: int
    head_seq: int
    head_hash: str
    last_recorded_at: datetime | None


def log_state(organisation_id: UUID) -> LogState:
    """Return the state of one organisation's log, or of the installation's with ``PLATFORM``."""
    with log_of(organisation_id), connection.cursor() as cursor:
        head = (
            Position.objects.filter(organisation_id=organisation_id)
            .order_by("-seq")
            .values_list("seq", "chain_hash")
            .first()
        )
        cursor.execute("SELECT count(*) FROM audit_pending WHERE organisation_id = %s", [organisation_id])
        row = cursor.fetchone()
        last = (
            Entry.objects.filter(organisation_id=organisation_id)
            .order_by("-recorded_at")
            .values_list("recorded_at", flat=True)
            .first()
        )
    seq, chain = head or (0, b"")
    return LogState(
        entries=seq,
        unsequenced=row[0] if row else 0,
        head_seq=seq,
        head_hash=bytes(chain).hex(),
        last_recorded_at=last,
    )


def payload_of(entry: Entry) -> dict[str, object] | None:
    """Return what was sealed beside ``entry``; None where nothing was, or it was removed. Inside ``acting_in``.

    Raises:
        KeyDestroyedError: the subject was erased.
        DecryptionError: the payload was altered.
    """
    return payloads.opened(entry)


def logged_organisations() -> tuple[UUID, ...]:
    """Return the ids of all organisations that have a log, ``PLATFORM`` among them once it has entries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id FROM audit_logged_organisations() ORDER BY 1")
        return tuple(row[0] for row in cursor.fetchall())


def subject_of(organisation_id: UUID, subject_id: UUID) -> Ref | None:
    """Return whose data an id stands for, with the kind that the log gives it; None where no entry speaks of it."""
    about = Entry.objects.filter(organisation_id=organisation_id, subject_id=subject_id)
    kind = about.order_by("-recorded_at").values_list("subject_kind", flat=True).first()
    return Ref(kind, subject_id) if kind else None


def entries(
    organisation_id: UUID,
    *,
    action: str = "",
    actor_id: UUID | None = None,
    actor_kind: str = "",
    subject: Ref | None = None,
    object: Ref | None = None,  # noqa: A002 - the log's own word
    request_id: str = "",
    purpose: str = "",
    outcome: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Entry]:
    """Return entries, newest first, with their positions; evaluated inside ``acting_in`` or ``log_of``.

    ``action`` is a code or a namespace ("retrieval" finds "retrieval.search"); a reference without kind finds its id
    under every kind, one without id all of its kind; ``until`` is exclusive.
    """
    found = Entry.objects.filter(organisation_id=organisation_id).select_related("position")
    if action:
        found = found.filter(action=action) if "." in action else found.filter(action__startswith=f"{action}.")
    if actor_id is not None:
        found = found.filter(actor_id=actor_id)
    exact = {
        "actor_kind": actor_kind,
        "subject_kind": subject.kind if subject else "",
        "subject_id": subject.id if subject else None,
        "object_kind": object.kind if object else "",
        "object_id": object.id if object else None,
        "request_id": request_id,
        "purpose": purpose,
        "outcome": outcome,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if since is not None:
        found = found.filter(recorded_at__gte=since)
    if until is not None:
        found = found.filter(recorded_at__lt=until)
    return found.order_by("-recorded_at", "-id")
