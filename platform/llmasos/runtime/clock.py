"""Beat's clock: what runs each second is only handed out when there is something for it to do."""

from __future__ import annotations

import time
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry
from django.db import DatabaseError, connection

LONGEST_SECONDS = 15.0
"""However little there seems to do, each task is handed out this often: it may see more than these questions do."""

# Whether a task has work. A question on an open connection costs a hundredth of a task that finds nothing.
_QUESTIONS = {
    "audit.sequence": "SELECT EXISTS (SELECT 1 FROM audit_pending_organisations())",
    "audit.checkpoint": (
        "SELECT EXISTS (SELECT 1 FROM audit_checkpoint_state() WHERE size > covered)"
        " OR EXISTS (SELECT 1 FROM audit_waiting_deliveries(now()))"
    ),
    "inference.expire_runs": "SELECT EXISTS (SELECT 1 FROM inference_lapsed_runs(1))",
}


class Clock(PersistentScheduler):
    """The scheduler that ``CELERY_BEAT_SCHEDULER`` names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._handed_out: dict[str, float] = {}
        super().__init__(*args, **kwargs)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Hand a task out, unless it has nothing to do."""
        task = str(entry.task)
        if self._is_wanted(task):
            self._handed_out[task] = time.monotonic()
            super().apply_entry(entry, producer)

    def _is_wanted(self, task: str) -> bool:
        if task not in _QUESTIONS or time.monotonic() - self._handed_out.get(task, 0.0) >= LONGEST_SECONDS:
            return True
        return has_work(task)


def has_work(task: str) -> bool:
    """Say whether one of the tasks of each second has something to do; while the database is away, that it has."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_QUESTIONS[task])
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        connection.close()
        return True
