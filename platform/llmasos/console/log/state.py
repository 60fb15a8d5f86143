"""How far the log is safe: checkpoints and where they got to, the keys that sign and seal, and forwarding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest
from llmasos.audit import queries
from llmasos.audit.forwarding.queries import forwarding_state
from llmasos.audit.models import Checkpoint, Delivery, Entry, SigningKey
from llmasos.console.log.access import log_view, record_reading
from llmasos.vault import keys
from llmasos.vault.models import SubjectKey

# A checkpoint that is due and so much older than its time says that the process which signs does not run.
LATE_FACTOR = 5
CHECKPOINTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One place outside the database: how far checkpoints got there, and what keeps the next from arriving.

    ``size`` is how many entries the last one there covers; ``countersigned`` whether a witness signed that one too.
    """

    name: str
    size: int
    delivered_at: datetime | None
    waiting: int
    problem: str
    attempts: int
    countersigned: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The entries that no checkpoint outside covers: as good as the database alone.

    ``since`` is when the first of them was recorded; ``late`` says that a checkpoint should have covered it.
    """

    entries: int
    since: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class KeyRow:
    """How many people's data keys are wrapped under one key-encryption key."""

    key_id: str
    subjects: int
    current: bool


def stores(organisation_id: UUID) -> list[StoreRow]:
    """Return every store that a checkpoint of this log was meant for; inside ``acting_in``."""
    found = Delivery.objects.filter(organisation_id=organisation_id)
    names = found.order_by("store").values_list("store", flat=True).distinct()
    return [_store(found.filter(store=name), name) for name in names]


def window(organisation_id: UUID, covered: int) -> Window:
    """Return what lies after the first ``covered`` entries; inside ``acting_in``."""
    state = queries.log_state(organisation_id)
    open_entries = Entry.objects.filter(organisation_id=organisation_id).filter(
        Q(position__isnull=True) | Q(position__seq__gt=covered)
    )
    first = open_entries.order_by("recorded_at").values_list("recorded_at", flat=True).first()
    due = timezone.now() - timedelta(seconds=settings.CHECKPOINT_SECONDS * LATE_FACTOR)
    return Window(max(state.entries - covered, 0) + state.unsequenced, first, first is not None and first < due)


def data_keys(organisation_id: UUID) -> tuple[list[KeyRow], int]:
    """Return the people's keys by the key that wraps them, and how many were destroyed; inside ``acting_in``."""
    current = keys.current_key_id()
    of_organisation = SubjectKey.objects.filter(organisation_id=organisation_id)
    counted = of_organisation.filter(wrapped_key__isnull=False).values("key_id").annotate(subjects=Count("pk"))
    rows = [KeyRow(row["key_id"], row["subjects"], row["key_id"] == current) for row in counted.order_by("key_id")]
    if not any(row.current for row in rows):
        rows.append(KeyRow(current, 0, current=True))
    return rows, of_organisation.filter(wrapped_key__isnull=True).count()


def _state(request: MemberRequest) -> HttpResponse:
    organisation_id = request.organisation.pk
    signed = list(
        Checkpoint.objects.filter(organisation_id=organisation_id)
        .select_related("key")
        .order_by("-number")[:CHECKPOINTS_SHOWN]
    )
    outside = stores(organisation_id)
    reached = max((store.size for store in outside), default=0)
    data, destroyed = data_keys(organisation_id)
    under_current = sum(row.subjects for row in data if row.current)
    record_reading(request, page="state")
    context = {
        "checkpoints": signed,
        "stores": outside,
        "window": window(organisation_id, reached),
        "signing_keys": list(SigningKey.objects.order_by("-number")),
        "data_keys": data,
        "destroyed": destroyed,
        "moved": under_current,
        "in_all": sum(row.subjects for row in data),
        "rotating": keys.is_rotating(),
        "forwarding": forwarding_state(organisation_id),
        "every_entries": settings.CHECKPOINT_ENTRIES,
        "every_seconds": int(settings.CHECKPOINT_SECONDS),
    }
    return render(request, "console/log/state.html", context)


def _store(deliveries: QuerySet[Delivery], name: str) -> StoreRow:
    there = deliveries.filter(delivered_at__isnull=False).select_related("checkpoint").order_by("-checkpoint__number")
    last, stuck = there.first(), deliveries.filter(delivered_at__isnull=True).order_by("checkpoint__number")
    first = stuck.first()
    return StoreRow(
        name=name,
        size=last.checkpoint.size if last else 0,
        delivered_at=last.delivered_at if last else None,
        waiting=stuck.count(),
        problem=first.problem if first else "",
        attempts=first.attempts if first else 0,
        countersigned=bool(last and last.countersignature),
    )


state = require_safe(log_view(_state))
