"""The models that a worker has loaded: the default of its start, others when they are first asked for."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from llmasos.inference import catalogue
from llmasos.inference.backends import registry
from llmasos.inference.backends.base import Backend, size_of_weights
from llmasos.inference.engine.memory import Memory, resident_bytes
from llmasos.inference.errors import InferenceError, ModelUnavailable
from llmasos.inference.models import CatalogueEntry

logger = logging.getLogger(__name__)

REMEMBER_FAILURE_SECONDS = 30.0
"""How long a model that could not be loaded is not tried again: reading its files may take as long as loading it."""


@dataclass(eq=False, slots=True)
class LoadedModel:
    """A backend under its catalogue name, with how long loading took in seconds and what it takes in memory.

    ``version`` is that of the entry it was loaded for (``catalogue.version_of``),
    ``users`` is how much work holds it now, ``used_at`` when the last of it ended (monotonic seconds).
    """

    name: str
    backend: Backend
    load_seconds: float
    memory_bytes: int = 0
    version: str = ""
    users: int = 0
    used_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a model could not be loaded, and when (seconds since the epoch)."""

    error: ModelUnavailable
    at: float


class LoadedModels:
    """Backends of one task, by catalogue name. Safe for threads."""

    def __init__(self, task: str, *, device: str, memory: Memory, echo: bool = False) -> None:
        self.task = task
        self.device = device
        self._echo = echo
        self._memory = memory
        self._lock = threading.Lock()
        self._loaded: dict[str, LoadedModel] = {}
        self._failures: dict[str, Failure] = {}
        memory.watch(self)

    @contextmanager
    def using(self, name: str = "") -> Iterator[LoadedModel]:
        """Hold the model of this name, or what the catalogue says is the default now, for a block."""
        model = self.acquire(name)
        try:
            yield model
        finally:
            self.release(model)

    def acquire(self, name: str = "") -> LoadedModel:
        """The model of this name, loaded when needed; it stays until ``release``.

        Raises UnknownModel, or ModelUnavailable where it cannot be loaded or there is no room for it.
        """
        name = "echo" if self._echo else name or catalogue.resolve("", task=self.task).name
        return self._held(name) or self._load(name)

    def release(self, model: LoadedModel) -> None:
        """Say that work on the model has ended. It may be unloaded from now on."""
        with self._lock:
            model.users -= 1
            model.used_at = time.monotonic()

    def all(self) -> list[LoadedModel]:
        with self._lock:
            return list(self._loaded.values())

    def failures(self) -> dict[str, Failure]:
        """Models that could not be loaded a short while ago."""
        since = time.time() - REMEMBER_FAILURE_SECONDS
        with self._lock:
            self._failures = {name: failure for name, failure in self._failures.items() if failure.at > since}
            return dict(self._failures)

    def try_again(self, name: str) -> None:
        """Forget that a model could not be loaded."""
        with self._lock:
            self._failures.pop(name, None)

    def unload(self, model: LoadedModel) -> bool:
        """Free a model that nothing works with; False where something does."""
        with self._lock:
            if model.users or self._loaded.get(model.name) is not model:
                return False
            del self._loaded[model.name]
        model.backend.close()
        logger.info("a model was unloaded", extra={"model": model.name})
        return True

    def close(self) -> None:
        with self._lock:
            models, self._loaded = list(self._loaded.values()), {}
        for model in models:
            model.backend.close()

    def _held(self, name: str) -> LoadedModel | None:
        with self._lock:
            found = self._loaded.get(name)
            if found is not None:
                found.users += 1
            return found

    def _load(self, name: str) -> LoadedModel:
        # One at a time in a process: the memory that the other takes is known when the next one asks for room.
        with self._memory.loading:
            found = self._held(name)
            if found is not None:
                return found
            failure = self.failures().get(name)
            if failure is not None:
                raise failure.error
            # Outside: that it is drained, or gone from the catalogue, is no failure of its files to be remembered.
            entry = catalogue.echo_entry(self.task) if self._echo else catalogue.resolve(name, task=self.task)
            try:
                model = self._opened(name, entry)
            except ModelUnavailable as error:
                self._note(name, error)
                raise
            except InferenceError:
                raise
            except Exception as error:
                # Whatever a library makes of a damaged file: this model fails, the others go on.
                logger.exception("a model could not be loaded", extra={"model": name})
                unavailable = ModelUnavailable(f"model {name} cannot be loaded: {type(error).__name__}")
                self._note(name, unavailable)
                raise unavailable from error
            with self._lock:
                model.users += 1
                self._loaded[name] = model
            return model

    def _opened(self, name: str, entry: CatalogueEntry) -> LoadedModel:
        source = catalogue.source_of(entry, device=self.device)
        weights = size_of_weights(source.path)
        self._memory.make_room(name, weights)
        before, started = resident_bytes(), time.perf_counter()
        backend = registry.load(entry.backend, source)
        seconds = time.perf_counter() - started
        return LoadedModel(name, backend, seconds, max(weights, resident_bytes() - before), catalogue.version_of(entry))

    def _note(self, name: str, error: ModelUnavailable) -> None:
        with self._lock:
            self._failures[name] = Failure(error, time.time())
