"""The bounded queue inside a models worker: interactive before bulk, and fair between organisations.

Of the organisations that wait, the one goes first that has had the fewest tokens (``fairness``), counted as they are
made. The last free slots are for organisations that hold none, so that a light one does not wait until a flood lets go
of its slots. Within a head start, whoever holds no slot goes first, and then whoever left the one that is free: there
the beginning of its prompts is cached, and another's would have to be read anew.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from llmasos.inference.engine.fairness import Ledger
from llmasos.inference.errors import Overloaded
from llmasos.inference.types import Priority

AGEING_SECONDS = 20.0
"""How much older a bulk run must be than an interactive one to go before it."""
KEPT_SLOTS = 2
"""How many slots are for organisations that hold none: of ten or more; one of fewer, none where there is but one."""
HEAD_START_TOKENS = 64
"""How many tokens an organisation may be ahead of the others that wait and go first all the same."""


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

    @classmethod
    def announced(cls, announcement: str) -> Admission:
        """From what ``publishing.announcement_of`` wrote."""
        values: dict[str, Any] = json.loads(announcement)
        return cls(**{**values, "run_id": UUID(values["run_id"]), "organisation_id": UUID(values["organisation_id"])})

    @property
    def order(self) -> float:
        """Lower is older; bulk work counts as younger than it is."""
        return self.created + self.priority * AGEING_SECONDS


class AdmissionQueue:
    """Runs that wait for one of ``slots`` threads (0: as many as there are). Safe for threads.

    ``head_start`` is in tokens. Who took a run calls ``advance`` as tokens are made, and ``done`` when its thread is
    free again.
    """

    def __init__(self, limit: int, *, slots: int = 0, head_start: int = 0) -> None:
        self._limit = limit
        kept = min(KEPT_SLOTS, max(1, slots // 5))
        self._open_slots = slots - kept if slots > 1 else 0
        self._head_start = head_start
        self._lines: dict[int, dict[UUID, deque[Admission]]] = {int(one): {} for one in Priority}
        self._present: dict[UUID, Admission] = {}
        self._held: Counter[UUID] = Counter()
        self._left: list[UUID] = []
        self._charged: dict[UUID, int] = {}
        self._ledger = Ledger()
        self._condition = threading.Condition()
        self._closed = False

    def put(self, admission: Admission) -> None:
        """Adds a run. One that is here already stays as it is; raises Overloaded when full."""
        with self._condition:
            if admission.run_id in self._present:
                return
            if len(self._present) >= self._limit:
                raise Overloaded("the engine's queue is full", run_id=admission.run_id)
            at_work = {*self._held, *(one for lines in self._lines.values() for one in lines)}
            if admission.organisation_id not in at_work:
                self._ledger.arrive(admission.organisation_id, at_work)
            self._present[admission.run_id] = admission
            self._lines[admission.priority].setdefault(admission.organisation_id, deque()).append(admission)
            self._condition.notify()

    def take(self, *, timeout: float | None = None) -> Admission | None:
        """The next run; None when the time is over or the queue is closed."""
        limit = None if timeout is None else time.monotonic() + timeout
        with self._condition:
            while True:
                admission = self._next()
                if admission is not None:
                    del self._present[admission.run_id]
                    self._held[admission.organisation_id] += 1
                    self._occupy(admission.organisation_id)
                    self._charge(admission, admission.size)
                    return admission
                if self._closed:
                    return None
                left = None if limit is None else limit - time.monotonic()
                if left is not None and left <= 0:
                    return None
                self._condition.wait(left)

    def advance(self, admission: Admission, *, tokens: int) -> None:
        """Hears how many tokens a taken run took until now."""
        with self._condition:
            self._charge(admission, tokens)

    def done(self, admission: Admission, *, tokens: int | None = None) -> None:
        """Gives the slot of a taken run back; ``tokens`` are what it really took, where that is known."""
        with self._condition:
            self._held[admission.organisation_id] -= 1
            if self._held[admission.organisation_id] <= 0:
                del self._held[admission.organisation_id]
            self._left.append(admission.organisation_id)
            if tokens is not None:
                self._charge(admission, tokens)
            self._charged.pop(admission.run_id, None)
            if self._present:
                # A slot that was kept for others may be free for each who waits.
                self._condition.notify_all()

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

    def _charge(self, admission: Admission, tokens: int) -> None:
        self._ledger.charge(admission.organisation_id, tokens - self._charged.get(admission.run_id, 0))
        self._charged[admission.run_id] = tokens

    def _occupy(self, organisation_id: UUID) -> None:
        """One of the slots that were left is taken: the organisation's own, else that which was left first."""
        if self._left:
            self._left.remove(organisation_id if organisation_id in self._left else self._left[0])

    def _next(self) -> Admission | None:
        """Take the next run out of its line; None where nobody waits who may have a slot now."""
        person, bulk = (self._first(self._lines[int(one)]) for one in (Priority.INTERACTIVE, Priority.BULK))
        first = bulk if person is None or (bulk is not None and bulk.order < person.order) else person
        if first is not None:
            lines = self._lines[first.priority]
            lines[first.organisation_id].popleft()
            if not lines[first.organisation_id]:
                del lines[first.organisation_id]
        return first

    def _first(self, lines: dict[UUID, deque[Admission]]) -> Admission | None:
        is_kept = self._open_slots and sum(self._held.values()) >= self._open_slots
        heads = []
        for organisation_id, line in list(lines.items()):
            while line and self._present.get(line[0].run_id) is not line[0]:
                line.popleft()
            if not line:
                del lines[organisation_id]
            elif not (is_kept and self._held[organisation_id]):
                heads.append(line[0])
        least = min((self._ledger.spent(one.organisation_id) for one in heads), default=0.0)
        return min(heads, key=lambda one: self._rank(one, least + self._head_start), default=None)

    def _rank(self, head: Admission, limit: float) -> tuple[int, float, float]:
        spent = self._ledger.spent(head.organisation_id)
        if spent > limit:
            favour = 2
        elif not self._held[head.organisation_id]:
            favour = 0
        else:
            favour = 1 if head.organisation_id in self._left else 2
        return favour, spent, head.created
