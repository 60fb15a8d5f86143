"""The models that a worker has loaded: the default of its start, others when they are first asked for."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from llmasos.inference import catalogue
from llmasos.inference.backends import registry
from llmasos.inference.backends.base import Backend


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A backend under its catalogue name, with how long loading took in seconds."""

    name: str
    backend: Backend
    load_seconds: float


class LoadedModels:
    """Backends of one task, by catalogue name. Safe for threads."""

    def __init__(self, task: str, *, device: str, echo: bool = False) -> None:
        self._task = task
        self.device = device
        self._echo = echo
        self._lock = threading.Lock()
        self._loaded: dict[str, LoadedModel] = {}

    def get(self, name: str = "") -> LoadedModel:
        """The model of this name, or what the catalogue says is the default now; loads it when needed.

        Raises UnknownModel or ModelUnavailable.
        """
        if not name and not self._echo:
            name = catalogue.resolve("", task=self._task).name
        found = self._loaded.get(name)
        if found is not None:
            return found
        with self._lock:
            found = self._loaded.get(name)
            if found is None:
                found = self._load(name)
                self._loaded[name] = self._loaded[found.name] = found
        return found

    def all(self) -> list[LoadedModel]:
        return list({model.name: model for model in self._loaded.values()}.values())

    def close(self) -> None:
        with self._lock:
            for model in self.all():
                model.backend.close()
            self._loaded.clear()

    def _load(self, name: str) -> LoadedModel:
        started = time.perf_counter()
        entry = catalogue.echo_entry(self._task) if self._echo else catalogue.resolve(name, task=self._task)
        backend = registry.load(entry.backend, catalogue.source_of(entry, device=self.device))
        return LoadedModel(entry.name, backend, time.perf_counter() - started)
