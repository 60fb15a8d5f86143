"""Forwarding the log: at least once, in order, each log to each destination at its own pace."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from llmasos.audit.forwarding.destinations import Destination, DestinationError
from llmasos.audit.forwarding.models import Cursor
from llmasos.audit.queries import logged_organisations
from llmasos.audit.reading import Placed, Selection, placed_entries
from llmasos.audit.scope import log_of

BATCH = 500
_LEASE = timedelta(seconds=60)
_FIRST_RETRY_SECONDS = 5
_LAST_RETRY_SECONDS = 600
_log = structlog.get_logger(__name__)


def destinations() -> tuple[Destination, ...]:
    """Return the places that the settings name."""
    return tuple(Destination(address, settings.AUDIT_FORWARD_TOKEN) for address in settings.AUDIT_FORWARD_TO)


def forward_all(*, seconds: float = 20.0) -> int:
    """Send what waits, for about so many seconds; return how many entries arrived. The rest goes with the next call."""
    end, sent = time.monotonic() + seconds, 0
    for destination in destinations():
        for organisation_id in logged_organisations():
            taken = forward(organisation_id, destination, until=end)
            if taken is None:
                # It does not answer: other logs need not find that out one by one.
                break
            sent += taken
    return sent


def forward(organisation_id: UUID, destination: Destination, *, until: float) -> int | None:
    """Send one log's waiting entries to one destination; None where that failed and is to be tried again later."""
    cursor = _leased(organisation_id, destination)
    if cursor is None:
        return 0
    sent = 0
    try:
        while batch := _waiting(organisation_id, cursor.seq):
            destination.send(batch)
            cursor.seq = batch[-1].seq
            sent += len(batch)
            _advance(cursor)
            if time.monotonic() >= until:
                break
    except DestinationError as error:
        _postpone(cursor, str(error))
        return None
    finally:
        with log_of(organisation_id):
            Cursor.objects.filter(pk=cursor.pk).update(leased_until=None)
    return sent


def _waiting(organisation_id: UUID, seq: int) -> Sequence[Placed]:
    return list(islice(placed_entries(organisation_id, Selection(from_seq=seq + 1), page=BATCH), BATCH))


def _leased(organisation_id: UUID, destination: Destination) -> Cursor | None:
    """Return the cursor for this worker alone; None while another one has it, or before its next attempt."""
    now = timezone.now()
    with log_of(organisation_id):
        cursor, _ = Cursor.objects.get_or_create(organisation_id=organisation_id, destination=destination.name)
        mine = (
            Cursor.objects.filter(pk=cursor.pk)
            .filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now))
            .filter(Q(try_after__isnull=True) | Q(try_after__lte=now))
            .update(leased_until=now + _LEASE)
        )
        if mine:
            cursor.refresh_from_db()
    return cursor if mine else None


def _advance(cursor: Cursor) -> None:
    now = timezone.now()
    with log_of(cursor.organisation_id):
        # Never back: where a lease lapsed, two workers sent the same entries and the further one counts.
        Cursor.objects.filter(pk=cursor.pk).update(
            seq=Greatest(F("seq"), cursor.seq),
            forwarded_at=now,
            attempts=0,
            problem="",
            try_after=None,
            leased_until=now + _LEASE,
        )


def _postpone(cursor: Cursor, problem: str) -> None:
    with log_of(cursor.organisation_id):
        cursor.refresh_from_db(fields=["attempts"])
        pause = min(_FIRST_RETRY_SECONDS * 2**cursor.attempts, _LAST_RETRY_SECONDS)
        Cursor.objects.filter(pk=cursor.pk).update(
            attempts=F("attempts") + 1, problem=problem[:255], try_after=timezone.now() + timedelta(seconds=pause)
        )
    _log.warning("audit entries not forwarded", destination=cursor.destination, problem=problem[:255])
