from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from llmasos.audit.forwarding.models import Cursor
from llmasos.audit.forwarding.services import destinations
from llmasos.audit.queries import log_state


@dataclass(frozen=True, slots=True)
class ForwardingState:
    """How far one log got to one destination. ``waiting`` entries have a position and were not taken yet.

    ``problem`` is why the last attempt failed, empty where it did not.
    """

    destination: str
    seq: int
    waiting: int
    forwarded_at: datetime | None
    attempts: int
    problem: str
    try_after: datetime | None


def forwarding_state(organisation_id: UUID) -> tuple[ForwardingState, ...]:
    """Return the state of every destination that the settings name, for one log. Inside ``acting_in`` or ``log_of``."""
    head = log_state(organisation_id).head_seq
    cursors = {cursor.destination: cursor for cursor in Cursor.objects.filter(organisation_id=organisation_id)}
    found = []
    for destination in destinations():
        cursor = cursors.get(destination.name, Cursor(destination=destination.name))
        found.append(
            ForwardingState(
                destination=destination.name,
                seq=cursor.seq,
                waiting=max(head - cursor.seq, 0),
                forwarded_at=cursor.forwarded_at,
                attempts=cursor.attempts,
                problem=cursor.problem,
                try_after=cursor.try_after,
            )
        )
    return tuple(found)
