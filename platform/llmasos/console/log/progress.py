"""How far a verification at work is, and when it last said so: kept in Valkey, outside the log's transactions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from llmasos.inference.valkey import UNREACHABLE, client

logger = structlog.get_logger(__name__)

_KEPT = timedelta(days=1)


def note_progress(check_id: UUID, done: int) -> None:
    """Keep how many entries a check has been through by now."""
    try:
        client().set(_place(check_id), f"{done} {timezone.now().timestamp()}", ex=_KEPT)
    except UNREACHABLE:
        logger.warning("log_check_progress_lost", check=str(check_id))


def last_progress(check_id: UUID) -> tuple[int, datetime | None]:
    """Return how many entries a check has been through, and when it said so; None where it said nothing yet."""
    try:
        said = client().get(_place(check_id))
    except UNREACHABLE:
        return 0, None
    if not said:
        return 0, None
    done, moment = said.split()
    return int(done), datetime.fromtimestamp(float(moment), tz=UTC)


def _place(check_id: UUID) -> str:
    return f"llmasos:console:check:{check_id}"
