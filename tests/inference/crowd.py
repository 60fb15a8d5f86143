"""A model that organisations want at once, step by step on a clock of its own: what the engine's queue gives to each.

Like llama.cpp it takes, in one step, the next token of each answer and so many tokens of prompts that came before the
step began, slot by slot. Which slot a prompt gets, and when, the backend's own rule says; in a slot that its
organisation had before, the beginning of its prompts is cached.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from llmasos.inference.backends.slots import Slots
from llmasos.inference.engine.queue import Admission, AdmissionQueue

# About what two processor cores take for a model of 135 million parameters.
STEP_SECONDS = 0.005
PROMPT_TOKEN_SECONDS = 0.0034
ANSWER_TOKEN_SECONDS = 0.0044
BEGINNING_TOKENS = 30
"""What all prompts of an organisation have before their own words."""
WORDS = "user: how is it?"


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

    def __init__(
        self, queue: AdmissionQueue, slots: int, *loads: Load, batch: int, step_tokens: int | None = None
    ) -> None:
        self._queue = queue
        self._places = slots
        self._now = 0.0
        self._slots = Slots(slots, step_tokens=batch if step_tokens is None else step_tokens, clock=lambda: self._now)
        self._batch = batch
        self._taken: list[tuple[Admission, float]] = []
        self._random = random.Random(7)
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
        while len(self._running) + len(self._taken) < self._places and (admission := self._queue.take(timeout=0)):
            self._taken.append((admission, self._now))
        self._taken = [(one, since) for one, since in self._taken if not self._start(one, since)]

    def _start(self, admission: Admission, since: float) -> bool:
        owner = str(admission.organisation_id)
        given = self._slots.offer(owner, WORDS, size=admission.size, waited=self._now - since)
        if given is None:
            return False
        slot, own = given
        answer = self._random.randint(*self._loads[admission.organisation_id].answer)
        self._running.append(_Run(admission, slot, answer, admission.size + (0 if own else BEGINNING_TOKENS)))
        return True

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
        # Who comes while a step is under way is there before it ends.
        self._come()
        self._take()
        for run in answering:
            self._slots.read(run.slot)
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
            self._slots.give_back(run.slot, str(run.admission.organisation_id), WORDS)
            self._ask(self._loads[run.admission.organisation_id])
