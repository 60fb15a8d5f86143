"""A model that organisations want at once, step by step on a clock of its own: what the engine's queue gives to each.

Like llama.cpp it takes, in one step, the next token of each answer and so many tokens of prompts that came before the
step began, slot by slot. Whoever has no slot gets the first free one, others leave it, as the backend does it.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from llmasos.inference.engine.queue import Admission, AdmissionQueue

# About what two processor cores take for a model of 135 million parameters.
STEP_SECONDS = 0.02
PROMPT_TOKEN_SECONDS = 0.002
ANSWER_TOKEN_SECONDS = 0.0055


@dataclass
class Load:
    """An organisation that keeps so many requests under way; from a reader to the queue takes up to `way` seconds.

    Prompts and answers have between so many tokens.
    """

    under_way: int
    way: float = 0.1
    prompt: tuple[int, int] = (30, 60)
    answer: tuple[int, int] = (16, 24)
    organisation_id: UUID = field(default_factory=uuid4)


@dataclass
class Got:
    """What an organisation got: tokens of answers, and how many seconds each waited for its first."""

    tokens: int = 0
    waits: list[float] = field(default_factory=list)


@dataclass
class _Run:
    admission: Admission
    slot: int
    answer: int
    left: int
    made: int = 0


class Crowd:
    """Organisations that ask again as soon as they are answered."""

    def __init__(self, queue: AdmissionQueue, slots: int, *loads: Load, batch: int) -> None:
        self._queue = queue
        self._free = list(range(slots))
        self._batch = batch
        self._random = random.Random(7)
        self._now = 0.0
        self._coming: list[tuple[float, int, Load]] = []
        self._loads = {load.organisation_id: load for load in loads}
        self._running: list[_Run] = []
        self.got: dict[UUID, Got] = defaultdict(Got)
        for load in loads:
            for _ in range(load.under_way):
                self._ask(load)

    def ask_for(self, seconds: float) -> Crowd:
        """Let them ask for so long."""
        while self._now < seconds:
            self._come()
            self._take()
            if self._running:
                self._step()
            else:
                self._now = self._coming[0][0]
        return self

    def _ask(self, load: Load) -> None:
        at = self._now + load.way * self._random.uniform(0.5, 1)
        heapq.heappush(self._coming, (at, self._random.getrandbits(32), load))

    def _come(self) -> None:
        while self._coming and self._coming[0][0] <= self._now:
            at, _, load = heapq.heappop(self._coming)
            size = self._random.randint(*load.prompt)
            self._queue.put(Admission(uuid4(), load.organisation_id, "chat", 0, size, at, 1e12))

    def _take(self) -> None:
        while self._free and (admission := self._queue.take(timeout=0)):
            holds = any(run.admission.organisation_id == admission.organisation_id for run in self._running)
            slot = max(self._free) if holds else min(self._free)
            self._free.remove(slot)
            answer = self._random.randint(*self._loads[admission.organisation_id].answer)
            self._running.append(_Run(admission, slot, answer, admission.size))

    def _step(self) -> None:
        room, answering = self._batch, [run for run in self._running if not run.left]
        for run in sorted(self._running, key=lambda one: one.slot):
            done = min(room, run.left)
            run.left -= done
            room -= done
            if done and not run.left:
                answering.append(run)
        answers = sum(run.made > 0 for run in self._running)
        self._now += STEP_SECONDS + (self._batch - room) * PROMPT_TOKEN_SECONDS + answers * ANSWER_TOKEN_SECONDS
        for run in answering:
            self._answer(run)
        self._running = [run for run in self._running if run.made < run.answer]

    def _answer(self, run: _Run) -> None:
        run.made += 1
        got = self.got[run.admission.organisation_id]
        got.tokens += 1
        if run.made == 1:
            got.waits.append(self._now - run.admission.created)
        taken = run.admission.size + run.made
        self._queue.advance(run.admission, tokens=taken)
        if run.made == run.answer:
            self._queue.done(run.admission, tokens=taken)
            self._free.append(run.slot)
            self._ask(self._loads[run.admission.organisation_id])
