"""A models worker's engine: owns the weights, admits runs, watches over them, tells how it is."""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from uuid import UUID

from llmasos.inference import catalogue, database, expiry, kinds, lifecycle, transit
from llmasos.inference.context import RunContext
from llmasos.inference.engine import reporting
from llmasos.inference.engine.attempt import Attempt
from llmasos.inference.engine.embedding import Embedded, EmbeddingLane
from llmasos.inference.engine.embedding_runs import EmbeddingWork
from llmasos.inference.engine.generation import GenerationWork
from llmasos.inference.engine.memory import Memory
from llmasos.inference.engine.models import LoadedModel, LoadedModels
from llmasos.inference.engine.queue import HEAD_START_TOKENS, Admission, AdmissionQueue
from llmasos.inference.errors import InferenceError, ModelUnavailable, Overloaded, RunCancelled
from llmasos.inference.lifecycle import Ending
from llmasos.inference.models import ModelTask, RunState
from llmasos.inference.operating import MODELS_CHANNEL
from llmasos.inference.publishing import device_of
from llmasos.inference.valkey import UNREACHABLE, client

logger = logging.getLogger(__name__)

HANDLER_THREADS = 16
QUEUE_LIMIT = 1024
WATCH_SECONDS = 0.25
RENEW_SECONDS = 0.75
REPORT_SECONDS = 1.0
TIDY_SECONDS = 5.0
LISTEN_SECONDS = 10.0
ANNOUNCED_AT_ONCE = 32
CANCEL_GRACE_SECONDS = 3.0


class EngineHost:
    """One process, one engine and device. `echo` serves both tasks, for tests."""

    def __init__(self, engine: str) -> None:
        if engine not in ("embed", "generate", "echo"):
            raise ValueError(f"there is no engine named {engine}")
        self.engine = engine
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._echo = engine == "echo"
        self._device = "cpu" if self._echo else device_of(engine)
        self._attempts: dict[UUID, Attempt] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._started_at = time.time()
        self._finishers = ThreadPoolExecutor(4, thread_name_prefix="inference-finish")
        self._generation_queue = AdmissionQueue(QUEUE_LIMIT)
        self._handler_queue = AdmissionQueue(QUEUE_LIMIT, slots=HANDLER_THREADS)
        self._lane: EmbeddingLane | None = None
        self._embedding: EmbeddingWork | None = None
        self._generation: GenerationWork | None = None
        self._readers: dict[str, LoadedModels] = {}
        self._memory = Memory()
        self._pace = {"embed": 0.05, "generate": 2.0}

    @property
    def embeds(self) -> bool:
        return self._lane is not None

    def start(self) -> None:
        """Loads the default models and starts the threads."""
        if self.engine in ("embed", "echo"):
            self._start_embedding()
        if self.engine in ("generate", "echo"):
            self._start_generation()
        for number in range(HANDLER_THREADS):
            self._thread(f"handler-{number}", self._serve, self._handler_queue, self._handle)
        # Two, so that a model which is loaded for one run does not hold up the others.
        for number in range(2):
            self._thread(f"announced-{number}", self._hear_announced)
        self._thread("watch", self._watch)
        self._thread("cancel", self._listen)

    def stop(self) -> None:
        """Stops taking runs, lets running ones finish for a few seconds, frees the models."""
        self._stopping.set()
        for queue in (self._generation_queue, self._handler_queue):
            queue.close()
        give_up = time.monotonic() + 5
        while self._attempts and time.monotonic() < give_up:
            time.sleep(0.05)
        self._finishers.shutdown(wait=True)
        if self._lane is not None:
            self._lane.close()
            self._lane.models.close()
        if self._generation is not None:
            self._generation.models.close()
        for models in self._readers.values():
            models.close()
        try:
            reporting.leave(self.member)
        except UNREACHABLE:
            logger.info("valkey was away while the engine stopped")

    def admit(self, admission: Admission) -> None:
        """Takes a run into this process. A second delivery changes nothing."""
        with self._lock:
            if admission.run_id in self._attempts:
                return
        if admission.kind == kinds.EMBED and self.embeds:
            # The lane is a queue itself, and handing over is quick: one change of threads less.
            self._begin(admission, self._embed)
            return
        try:
            self._queue_for(admission.kind).put(admission)
        except Overloaded:
            self._begin(admission, lambda attempt, _: attempt.fail("overloaded", retryable=True))

    def _hear_announced(self) -> None:
        """Take runs that were announced to this engine, without Celery between."""
        engines = [name for name, work in (("embed", self._lane), ("generate", self._generation)) if work is not None]
        while not self._stopping.is_set():
            try:
                found = transit.hear(engines, seconds=1.0, most=ANNOUNCED_AT_ONCE)
            except UNREACHABLE:
                time.sleep(0.5)
                continue
            for announcement, given in found:
                admission = Admission.announced(announcement)
                if given is not None:
                    self._begin(admission, self._embed, given=given)
                    continue
                try:
                    self.admit(admission)
                except Exception:
                    # Its lease lapses, and it is published once more.
                    logger.exception("a run could not be admitted", extra={"run": str(admission.run_id)})

    def running(self) -> tuple[UUID, ...]:
        """The runs that this process works on now."""
        return tuple(self._attempts)

    def embed(
        self, texts: Sequence[str], *, organisation_id: UUID, model: str, priority: int, deadline: float
    ) -> Future[Embedded]:
        """Embeds in this process, without the queue. Raises ModelUnavailable in other engines."""
        if self._lane is None:
            raise ModelUnavailable("this process does not embed")
        return self._lane.submit(
            texts, organisation_id=organisation_id, model=model, priority=priority, deadline=deadline
        )

    def reader(self, task: str, name: str) -> AbstractContextManager[LoadedModel]:
        """A model that reads, loaded when it is first asked for. Raises ModelUnavailable or UnknownModel."""
        return self._models_of(task).using(name)

    def warm(self, task: str, name: str) -> None:
        """Load a model where this engine serves its task. What is wrong with it is told by the report."""
        if (task == ModelTask.GENERATE and self._generation is None) or (
            task != ModelTask.GENERATE and not self.embeds
        ):
            return
        try:
            models = self._models_of(task)
            models.try_again(name)
            with models.using(name):
                return
        except InferenceError as error:
            logger.warning("a model could not be warmed", extra={"model": name, "why": str(error)})

    def _models_of(self, task: str) -> LoadedModels:
        if task == ModelTask.GENERATE and self._generation is not None:
            return self._generation.models
        if self._lane is None or task == ModelTask.GENERATE:
            raise ModelUnavailable(f"the engine {self.engine} does not serve {task}")
        if task == ModelTask.EMBED:
            return self._lane.models
        with self._lock:
            found = self._readers.get(task)
            if found is None:
                found = self._readers[task] = LoadedModels(task, device=self._device, memory=self._memory)
            return found

    def cancel(self, run_id: UUID) -> None:
        """Stops a run that waits or runs here; a run of somebody else is none of our business."""
        for queue in (self._generation_queue, self._handler_queue):
            queue.remove(run_id)
        attempt = self._attempts.get(run_id)
        if attempt is None or attempt.ended:
            return
        attempt.cancelled_at = time.monotonic()
        attempt.cancelled.set()
        # Nothing is called back while a prompt is processed, so its end is not waited for.
        if attempt.kind in kinds.OWN_KINDS and not attempt.writer.shown:
            self._finishers.submit(attempt.finish_cancelled)

    def _start_embedding(self) -> None:
        models = LoadedModels("embed", device=self._device, memory=self._memory, echo=self._echo)
        self._first(models)
        self._lane = EmbeddingLane(models)
        self._lane.start()
        self._embedding = EmbeddingWork(self._lane, self._finishers)

    def _start_generation(self) -> None:
        models = LoadedModels("generate", device=self._device, memory=self._memory, echo=self._echo)
        first = self._first(models)
        slots = first.backend.info.slots if first else catalogue.SLOTS
        self._generation_queue = AdmissionQueue(QUEUE_LIMIT, slots=slots, head_start=HEAD_START_TOKENS)
        self._generation = GenerationWork(models, self._finishers)
        for number in range(slots):
            self._thread(f"generation-{number}", self._serve, self._generation_queue, self._generate)

    def _first(self, models: LoadedModels) -> LoadedModel | None:
        """Load the default; where that cannot be done, whoever asks for it is told why and the others are served."""
        try:
            with models.using() as model:
                return model
        except InferenceError:
            logger.exception("the default model could not be loaded", extra={"task": models.task})
            return None

    def _queue_for(self, kind: str) -> AdmissionQueue:
        if kind in (kinds.CHAT, kinds.GENERATE) and self._generation is not None:
            return self._generation_queue
        if kind in kinds.OWN_KINDS:
            raise ModelUnavailable(f"the engine {self.engine} does not serve {kind}")
        return self._handler_queue

    def _serve(self, queue: AdmissionQueue, work: Callable[[Attempt, Admission], None]) -> None:
        while not self._stopping.is_set():
            admission = queue.take()
            if admission is not None:
                tokens = self._begin(admission, work)
                queue.done(admission, tokens=tokens)

    def _begin(
        self, admission: Admission, work: Callable[[Attempt, Admission], None], *, given: transit.Input | None = None
    ) -> int | None:
        """Work on a run in this thread; returns how many tokens that took, None where it is not known."""
        attempt = Attempt(
            admission,
            engine=kinds.engine_of(admission.kind),
            release=self._release,
            claims_late=admission.kind == kinds.EMBED,
            given=given,
        )
        with self._lock:
            if admission.run_id in self._attempts:
                return 0
            self._attempts[admission.run_id] = attempt
        try:
            if attempt.begin():
                work(attempt, admission)
        except Exception as error:  # noqa: BLE001 - whatever it is, the run must end
            attempt.fail_with(error)
        return attempt.spent.tokens if admission.kind in kinds.MODEL_KINDS else None

    def _generate(self, attempt: Attempt, admission: Admission) -> None:
        if self._generation is not None:
            self._generation.run(attempt, lambda tokens: self._generation_queue.advance(admission, tokens=tokens))

    def _embed(self, attempt: Attempt, admission: Admission) -> None:
        if self._embedding is not None:
            self._embedding.run(attempt, admission)

    def _handle(self, attempt: Attempt, admission: Admission) -> None:
        kind = kinds.kind(admission.kind)
        context = RunContext(attempt, attempt.principal(), attempt.envelope["payload"])
        try:
            kind.handler(context)
            if not attempt.ended:
                attempt.fail("handler_left", retryable=True)
        except RunCancelled:
            attempt.finish_cancelled()

    def _release(self, attempt: Attempt) -> None:
        with self._lock:
            if self._attempts.get(attempt.run_id) is not attempt:
                return
            del self._attempts[attempt.run_id]
        if attempt.kind in kinds.OWN_KINDS:
            engine = kinds.engine_of(attempt.kind)
            spent = (time.monotonic() - attempt.started) / (8 if engine == "generate" else 1)
            self._pace[engine] += 0.1 * (spent - self._pace[engine])

    def _end_queued(self, admission: Admission, code: str) -> None:
        ended = lifecycle.end(
            run_id=admission.run_id,
            organisation_id=admission.organisation_id,
            token=None,
            ending=Ending(RunState.FAILED, error_code=code, retryable=True),
            expect=(RunState.QUEUED,),
        )
        if ended is not None:
            expiry.announce_end(ended)

    def _watch(self) -> None:
        """Deadlines, leases and the report, for as long as the process lives."""
        renewed = reported = tidied = 0.0
        while not self._stopping.wait(WATCH_SECONDS):
            now = time.monotonic()
            try:
                self._watch_deadlines()
                if now - renewed >= RENEW_SECONDS:
                    renewed = now
                    database.resilient(self._renew)
                if now - reported >= REPORT_SECONDS:
                    reported = now
                    self._report()
                if now - tidied >= TIDY_SECONDS and not self._echo:
                    tidied = now
                    database.resilient(self._memory.tidy)
            except UNREACHABLE:
                logger.warning("valkey is away")
            except Exception:
                logger.exception("the engine's watch stumbled")

    def _watch_deadlines(self) -> None:
        for queue in (self._generation_queue, self._handler_queue):
            for admission in queue.overdue(time.time()):
                self._finishers.submit(self._end_queued, admission, "deadline_exceeded")
        for attempt in list(self._attempts.values()):
            if attempt.ended:
                continue
            if attempt.seconds_left <= 0:
                self._finishers.submit(attempt.fail, "deadline_exceeded", retryable=True)
            elif attempt.cancelled_at and time.monotonic() - attempt.cancelled_at > CANCEL_GRACE_SECONDS:
                self._finishers.submit(attempt.finish_cancelled)

    def _renew(self) -> None:
        attempts = [attempt for attempt in self._attempts.values() if not attempt.ended]
        running = [attempt for attempt in attempts if attempt.claimed]
        for attempt in attempts:
            # A second's work is worth a claim: then the row says that it runs.
            if attempt.waits_unclaimed and time.monotonic() - attempt.started > RENEW_SECONDS:
                attempt.claim()
        waiting = [attempt.run_id for attempt in attempts if attempt.waits_unclaimed]
        waiting += [
            admission.run_id for queue in (self._generation_queue, self._handler_queue) for admission in queue.waiting()
        ]
        held: list[tuple[UUID, UUID | None, bool]] = [(a.run_id, a.token, a.writer.shown) for a in running]
        held += [(run_id, None, False) for run_id in waiting]
        kept = lifecycle.renew_leases(held)
        for attempt in running:
            if attempt.run_id not in kept:
                if not attempt.ended:
                    attempt.lose()
            elif kept[attempt.run_id] and not attempt.cancelled.is_set():
                self.cancel(attempt.run_id)

    def _listen(self) -> None:
        """Hears of cancelled runs at once, where what is missed comes with the next renewal, and of models to warm."""
        while not self._stopping.is_set():
            try:
                with client().pubsub(ignore_subscribe_messages=True) as pubsub:  # type: ignore[no-untyped-call]
                    pubsub.subscribe(transit.CANCEL_CHANNEL, MODELS_CHANNEL)
                    while not self._stopping.is_set():
                        message = pubsub.get_message(timeout=LISTEN_SECONDS)
                        if message is not None:
                            self._hear(message["channel"].decode(), message["data"].decode())
            except (KeyError, ValueError, *UNREACHABLE):
                time.sleep(0.5)

    def _hear(self, channel: str, said: str) -> None:
        if channel == transit.CANCEL_CHANNEL:
            self.cancel(UUID(said))
        else:
            wanted = json.loads(said)
            self._thread("warm", self.warm, wanted["task"], wanted["name"])

    def _report(self) -> None:
        reporting.report(
            self.member,
            {
                "engine": self.engine,
                "device": self._device,
                "worker": self.name,
                "started_at": self._started_at,
                "running": len(self._attempts),
                "queued": sum(len(q) for q in (self._generation_queue, self._handler_queue)),
                "waiting_texts": self._lane.waiting_texts if self._lane else 0,
                **reporting.models_state(self._memory),
            },
        )
        for engine, seconds in self._pace.items():
            if engine == self.engine or self._echo:
                transit.note_pace(engine, seconds)

    @property
    def member(self) -> str:
        """Under which name this worker reports."""
        return f"{self.engine}:{self._device}:{self.name}"

    def _thread(self, name: str, target: Callable[..., None], *args: object) -> None:
        threading.Thread(target=target, args=args, name=f"inference-{name}", daemon=True).start()
