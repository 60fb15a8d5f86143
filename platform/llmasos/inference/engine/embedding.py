"""Embedding: one thread that builds micro-batches by tokens from whatever waits.

An idle engine starts at once with what it has. While it computes, texts gather, so batches grow with
the load by themselves; only under load is a moment spent waiting for company. Texts of like length go
together, and between two micro-batches an interactive request overtakes a bulk one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from llmasos.inference.engine.fairness import Ledger
from llmasos.inference.engine.models import LoadedModel, LoadedModels
from llmasos.inference.engine.queue import AGEING_SECONDS
from llmasos.inference.errors import DeadlineExceeded, Overloaded, RunCancelled
from llmasos.inference.types import Priority

if TYPE_CHECKING:
    from llmasos.inference.types import Vectors

# A person's question waits for the batch before it. A processor gains nothing from large ones (1,024 tokens take it
# some 0.2 s); an accelerator does.
CPU_BATCH_TOKENS = 1024
BATCH_TOKENS = 16_384
BATCH_TEXTS = 64
COMPANY_SECONDS = 0.002
MAX_WAITING_TEXTS = 65_536


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of one request with its token count and times in milliseconds."""

    vectors: Vectors
    tokens: int
    wait_ms: float
    compute_ms: float
    model: LoadedModel


@dataclass(eq=False, slots=True)
class _Job:
    model: LoadedModel
    texts: Sequence[str]
    organisation_id: UUID
    priority: int
    order: float
    deadline: float
    stopped: Callable[[], bool]
    processed: Callable[[int], None]
    result: Future[Embedded]
    arrived: float = field(default_factory=time.perf_counter)
    started: float = 0.0
    tokens: list[list[int]] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    vectors: Vectors | None = None
    left: int = 0


class EmbeddingLane:
    """Owns the embedding models of a process. `submit` may be called from any thread."""

    def __init__(self, models: LoadedModels) -> None:
        self.models = models
        self.batch_tokens = CPU_BATCH_TOKENS if models.device == "cpu" else BATCH_TOKENS
        self._jobs: list[_Job] = []
        self._ledger = Ledger()
        self._condition = threading.Condition()
        self._closed = False
        self._crowded = False
        self._thread = threading.Thread(target=self._run, name="inference-embed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._thread.join(timeout=10)

    @property
    def waiting_texts(self) -> int:
        with self._condition:
            return sum(job.left for job in self._jobs)

    def submit(
        self,
        texts: Sequence[str],
        *,
        organisation_id: UUID,
        model: str = "",
        priority: int = 0,
        created: float | None = None,
        deadline: float = float("inf"),
        stopped: Callable[[], bool] = lambda: False,
        processed: Callable[[int], None] = lambda _: None,
    ) -> Future[Embedded]:
        """Queues texts. The future gives the vectors, or Overloaded, DeadlineExceeded or RunCancelled.

        ``processed`` hears of so many tokens after each batch.
        """
        result: Future[Embedded] = Future()
        order = (time.time() if created is None else created) + priority * AGEING_SECONDS
        loaded = self.models.acquire(model)
        job = _Job(
            loaded, texts, organisation_id, priority, order, deadline, stopped, processed, result, left=len(texts)
        )
        with self._condition:
            if sum(present.left for present in self._jobs) + len(texts) > MAX_WAITING_TEXTS:
                self.models.release(loaded)
                raise Overloaded("too many texts wait to be embedded")
            at_work = {present.organisation_id for present in self._jobs}
            if organisation_id not in at_work:
                self._ledger.arrive(organisation_id, at_work)
            self._jobs.append(job)
            self._condition.notify()
        return result

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._jobs and not self._closed:
                    self._crowded = False
                    self._condition.wait()
                if self._closed:
                    for job in self._jobs:
                        job.result.set_exception(RunCancelled("the engine stops"))
                    return
                if self._crowded and sum(job.left for job in self._jobs) < BATCH_TEXTS // 2:
                    self._condition.wait(COMPANY_SECONDS)
                jobs = self._in_order()
            self._step(jobs)

    def _in_order(self) -> list[_Job]:
        """People's texts and aged bulk work first, then the rest; of both, whose organisation has had least."""
        oldest = min((job.order for job in self._jobs if job.priority == Priority.INTERACTIVE), default=float("inf"))
        return sorted(
            self._jobs,
            key=lambda job: (
                job.priority != Priority.INTERACTIVE and job.order >= oldest,
                self._ledger.spent(job.organisation_id),
                job.order,
            ),
        )

    def _step(self, jobs: list[_Job]) -> None:
        """Computes one micro-batch and completes the jobs that have all their vectors."""
        head: _Job | None = None
        picked: list[tuple[_Job, int]] = []
        try:
            jobs = [job for job in jobs if self._alive(job)]
            if not jobs:
                return
            head = jobs[0]
            picked = self._pick([job for job in jobs if job.model is head.model])
            vectors = head.model.backend.embed_tokens([job.tokens[index] for job, index in picked])
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must end
            for job in {id(job): job for job, _ in picked}.values() or ([head] if head else []):
                self._remove(job)
                job.result.set_exception(error)
            return
        with self._condition:
            for job, index in picked:
                self._ledger.charge(job.organisation_id, len(job.tokens[index]))
        self._crowded = len({id(job) for job, _ in picked}) > 1
        for (job, index), vector in zip(picked, vectors, strict=True):
            if job.vectors is None:
                job.vectors = np.empty((len(job.texts), vectors.shape[1]), dtype=np.float32)
            job.vectors[index] = vector
            job.left -= 1
            job.processed(len(job.tokens[index]))
        for job in {id(job): job for job, _ in picked}.values():
            if job.left == 0 and job.vectors is not None:
                self._remove(job)
                now = time.perf_counter()
                job.result.set_result(
                    Embedded(
                        vectors=job.vectors,
                        tokens=sum(len(tokens) for tokens in job.tokens),
                        wait_ms=(job.started - job.arrived) * 1000,
                        compute_ms=(now - job.started) * 1000,
                        model=job.model,
                    )
                )

    def _alive(self, job: _Job) -> bool:
        if job.stopped():
            self._remove(job)
            job.result.set_exception(RunCancelled("nobody waits for these vectors any more"))
            return False
        if job.deadline <= time.time():
            self._remove(job)
            job.result.set_exception(DeadlineExceeded("the deadline passed before the texts were embedded"))
            return False
        return True

    def _pick(self, jobs: list[_Job]) -> list[tuple[_Job, int]]:
        """The next micro-batch: the first job's longest texts, filled with others of like length."""
        picked: list[tuple[_Job, int]] = []
        longest = 0
        for job in jobs:
            if not job.tokens:
                job.started = time.perf_counter()
                job.tokens = job.model.backend.tokenize(job.texts)
                # Shortest first, so that the longest are taken from the end.
                job.waiting = sorted(range(len(job.texts)), key=lambda index: -len(job.tokens[index]))[::-1]
            if not picked:
                longest = len(job.tokens[job.waiting[-1]])
            kept: list[int] = []
            while job.waiting:
                index = job.waiting.pop()
                length = len(job.tokens[index])
                budget = max(self.batch_tokens, longest)
                if len(picked) >= BATCH_TEXTS or (len(picked) + 1) * max(longest, length) > budget:
                    kept.append(index)
                    break
                if picked and not (longest // 3 <= length <= longest + longest // 4):
                    kept.append(index)
                    if length < longest // 3:
                        break
                    continue
                longest = max(longest, length)
                picked.append((job, index))
            job.waiting.extend(reversed(kept))
            if len(picked) >= BATCH_TEXTS:
                break
        return picked

    def _remove(self, job: _Job) -> None:
        with self._condition:
            if job not in self._jobs:
                return
            self._jobs.remove(job)
        self.models.release(job.model)
