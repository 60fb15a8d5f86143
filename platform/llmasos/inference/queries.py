"""Reads: runs, the models' catalogue, and how engines and queues are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.inference import catalogue
from llmasos.inference.models import CatalogueEntry, Run
from llmasos.inference.valkey import UNREACHABLE, client

ENGINES_KEY = "llmasos:engines"
FRESH_SECONDS = 5.0
SILENT_SECONDS = 2.5
"""Workers report every second; one that has been silent for this long is not waited for."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """One models worker as it last reported; `seconds_ago` tells how fresh that is.

    ``memory_bytes`` is what its loaded models take of ``memory_limit_bytes``.
    """

    engine: str
    device: str
    worker: str
    started_at: float
    seconds_ago: float
    running: int
    queued: int
    waiting_texts: int
    memory_bytes: int = 0
    memory_limit_bytes: int = 0
    models: tuple[dict[str, Any], ...] = field(default_factory=tuple)
    failures: tuple[dict[str, Any], ...] = field(default_factory=tuple)

    @property
    def alive(self) -> bool:
        return self.seconds_ago < FRESH_SECONDS


@dataclass(slots=True)
class Serving:
    """The workers of one engine that were there when a caller began to wait, and whether they still are.

    A worker that was killed and started again is another one: what its queue in memory held is lost.
    """

    engine: str
    known: frozenset[tuple[str, float]] = field(init=False)
    _looks: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.known = self._now()

    def gone(self) -> bool:
        """Asked once a silent second: is none of them left? Where there was none, a new one has some seconds."""
        self._looks += 1
        now = self._now()
        return not now & self.known if self.known else not now and self._looks >= SILENT_SECONDS

    def _now(self) -> frozenset[tuple[str, float]]:
        fresh = (one for one in engines() if one.engine == self.engine and one.seconds_ago < SILENT_SECONDS)
        return frozenset((one.worker, one.started_at) for one in fresh)


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many runs are in one state, and the age of the oldest in seconds."""

    engine: str
    priority: int
    state: str
    depth: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class ModelView:
    """A catalogue entry, and whether a worker has it loaded."""

    name: str
    task: str
    backend: str
    source: str
    digest: str
    dimensions: int
    context_tokens: int
    is_default: bool
    loaded: bool
    created: float
    licence: str = ""
    is_outside: bool = False
    is_pinned: bool = False
    is_draining: bool = False


@dataclass(frozen=True, slots=True)
class LoadedState:
    """A model in one worker's memory: bytes, seconds that loading took, and how much work holds it."""

    worker: str
    device: str
    memory_bytes: int
    load_seconds: float
    idle_seconds: float
    in_use: int


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model of the catalogue, where it is loaded, and why a worker could not load it a short while ago.

    ``error_at`` is in seconds since the epoch.
    """

    view: ModelView
    loaded: tuple[LoadedState, ...]
    error: str = ""
    error_at: float | None = None


def engines() -> tuple[EngineState, ...]:
    """The models workers that reported in the last minute; empty while Valkey is away."""
    try:
        members: Any = client().zrange(ENGINES_KEY, 0, -1, withscores=True)
        seconds, microseconds = client().time()
        now = seconds + microseconds / 1e6
        states = []
        for member, reported in members:
            blob: Any = client().get(f"{ENGINES_KEY}:{member.decode()}")
            if blob is not None:
                values = json.loads(blob)
                models, failures = tuple(values.pop("models")), tuple(values.pop("failures", ()))
                seconds_ago = max(0.0, now - reported)
                states.append(EngineState(**values, models=models, failures=failures, seconds_ago=seconds_ago))
    except UNREACHABLE:
        return ()
    return tuple(sorted(states, key=lambda state: (state.engine, state.device, state.worker)))


def queue_depths() -> tuple[QueueDepth, ...]:
    """Live runs of all organisations by engine, priority and state: for operators, numbers only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT engine, priority, state, depth, oldest_seconds FROM inference_queue_depths()")
        return tuple(QueueDepth(*row) for row in cursor.fetchall())


def models(workers: Iterable[EngineState] | None = None) -> tuple[ModelView, ...]:
    """The catalogue, with the packaged defaults entered; ``workers`` where they were read already."""
    return _views(engines() if workers is None else workers)


def model_states(workers: Iterable[EngineState] | None = None) -> tuple[ModelState, ...]:
    """The catalogue, with what the workers tell of each model; ``workers`` as in ``models``."""
    workers = [state for state in (engines() if workers is None else workers) if state.alive]
    found = []
    for view in _views(workers):
        loaded = tuple(
            LoadedState(
                worker=state.worker,
                device=state.device,
                memory_bytes=model["memory_bytes"],
                load_seconds=model["load_seconds"],
                idle_seconds=model["idle_seconds"],
                in_use=model["in_use"],
            )
            for state in workers
            for model in state.models
            if model["name"] == view.name
        )
        failures = [failure for state in workers for failure in state.failures if failure["name"] == view.name]
        last = max(failures, key=lambda one: float(one["at"]), default=None)
        found.append(
            ModelState(view, loaded, error=last["error"], error_at=last["at"]) if last else ModelState(view, loaded)
        )
    return tuple(found)


def _views(workers: Iterable[EngineState]) -> tuple[ModelView, ...]:
    catalogue.ensure_defaults()
    loaded = {model["name"] for state in workers if state.alive for model in state.models}
    return tuple(
        ModelView(
            name=entry.name,
            task=entry.task,
            backend=entry.backend,
            source=entry.source,
            digest=entry.digest,
            dimensions=entry.dimensions,
            context_tokens=entry.context_tokens,
            is_default=entry.is_default,
            loaded=entry.name in loaded,
            created=entry.created_at.timestamp(),
            licence=entry.licence,
            is_outside=entry.is_outside,
            is_pinned=entry.is_pinned,
            is_draining=entry.is_draining,
        )
        for entry in CatalogueEntry.objects.all()
    )


def run(principal: Principal, run_id: UUID) -> Run | None:
    """A run of the principal's organisation, or None."""
    with acting_in(principal.organisation_id):
        return Run.objects.for_organisation(principal.organisation_id).filter(pk=run_id).first()
