"""The bounded queue inside a models worker: interactive before bulk, and bulk work ages."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from dataclasses import dataclass
from uuid import UUID

from llmasos.inference.errors import Overloaded

AGEING_SECONDS = 20.0
"""How much older a bulk run must be than an interactive one to go before it."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A run as its task announced it. Times are seconds since the epoch; `size` is an estimate in tokens."""

    run_id: UUID
    organisation_id: UUID
    kind: str
    priority: int
    size: int
    created: float
    deadline: float

    @property
    def order(self) -> float:
        """Lower goes first. It never changes, so a heap keeps the order while bulk work ages."""
        return self.created + self.priority * AGEING_SECONDS


class AdmissionQueue:
    """Runs that wait for a thread of one lane. Safe for threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._heap: list[tuple[float, int, Admission]] = []
        self._present: dict[UUID, Admission] = {}
        self._serial = itertools.count()
        self._condition = threading.Condition()
        self._closed = False

    def put(self, admission: Admission) -> None:
        """Adds a run. One that is here already stays as it is; raises Overloaded when full."""
        with self._condition:
            if admission.run_id in self._present:
                return
            if len(self._present) >= self._limit:
                raise Overloaded("the engine's queue is full", run_id=admission.run_id)
            self._present[admission.run_id] = admission
            heapq.heappush(self._heap, (admission.order, next(self._serial), admission))
            self._condition.notify()

    def take(self, *, timeout: float | None = None) -> Admission | None:
        """The next run; None when the time is over or the queue is closed."""
        limit = None if timeout is None else time.monotonic() + timeout
        with self._condition:
            while True:
                while self._heap:
                    admission = heapq.heappop(self._heap)[2]
                    if self._present.pop(admission.run_id, None) is not None:
                        return admission
                if self._closed:
                    return None
                left = None if limit is None else limit - time.monotonic()
                if left is not None and left <= 0:
                    return None
                self._condition.wait(left)

    def remove(self, run_id: UUID) -> Admission | None:
        """Takes a waiting run out, wherever it stands."""
        with self._condition:
            return self._present.pop(run_id, None)

    def waiting(self) -> list[Admission]:
        with self._condition:
            return list(self._present.values())

    def overdue(self, now: float) -> list[Admission]:
        """Takes out the runs whose deadline has passed."""
        with self._condition:
            late = [admission for admission in self._present.values() if admission.deadline <= now]
            for admission in late:
                del self._present[admission.run_id]
            return late

    def close(self) -> None:
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def __len__(self) -> int:
        return len(self._present)
