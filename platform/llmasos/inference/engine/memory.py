"""How much memory the models of a worker may take, and which of them go first.

A model is unloaded when it is drained, no longer in the catalogue or entered anew, when nobody has used it for a
while, or when another one needs its room: the one that was used longest ago first. Pinned models and each task's
default stay.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psutil

from llmasos.inference import catalogue
from llmasos.inference.errors import ModelUnavailable

if TYPE_CHECKING:
    from llmasos.inference.engine.models import LoadedModel, LoadedModels

SHARE = 0.4
"""The part of the machine's memory that one worker's models may take where nothing else is set."""
IDLE_MINUTES = 30.0
_MEGABYTE = 1_000_000


def resident_bytes() -> int:
    """How much of the machine's memory this process holds."""
    return int(psutil.Process().memory_info().rss)


def limit_bytes() -> int:
    """LLMASOS_MODEL_MEMORY_MB (megabytes), or two fifths of the machine's memory."""
    megabytes = os.environ.get("LLMASOS_MODEL_MEMORY_MB", "")
    return int(float(megabytes) * _MEGABYTE) if megabytes else int(psutil.virtual_memory().total * SHARE)


def idle_seconds() -> float:
    """LLMASOS_MODEL_IDLE_MINUTES, or half an hour; 0 keeps every model."""
    return float(os.environ.get("LLMASOS_MODEL_IDLE_MINUTES", "") or IDLE_MINUTES) * 60


class Memory:
    """The memory of one worker's models, of all tasks together. Safe for threads."""

    def __init__(self) -> None:
        self.limit = limit_bytes()
        self.loading = threading.Lock()
        """Held while a model is loaded."""
        self._idle = idle_seconds()
        self._watched: list[LoadedModels] = []

    def watched(self) -> tuple[LoadedModels, ...]:
        return tuple(self._watched)

    def watch(self, models: LoadedModels) -> None:
        """Count the models of one more task."""
        self._watched.append(models)

    @property
    def used(self) -> int:
        """Bytes that the loaded models take, by what each took when it was loaded."""
        return sum(model.memory_bytes for _, model in self.loaded())

    def make_room(self, name: str, wanted: int) -> None:
        """Unload what was used longest ago until there is room for ``wanted`` bytes more.

        Raises ModelUnavailable where the model is larger than the limit, or what is loaded is in use or stays.
        """
        if wanted > self.limit:
            raise ModelUnavailable(
                f"model {name} is too big: its weights are {_megabytes(wanted)}, and the models of one worker may take"
                f" {_megabytes(self.limit)} (LLMASOS_MODEL_MEMORY_MB)"
            )
        staying = catalogue.states()
        for models, model in sorted(self.loaded(), key=lambda one: one[1].used_at):
            if self.used + wanted <= self.limit:
                return
            if not _stays(model.name, staying):
                models.unload(model)
        if self.used + wanted > self.limit:
            raise ModelUnavailable(
                f"there is no room for model {name} ({_megabytes(wanted)}): the models that are loaded take"
                f" {_megabytes(self.used)} of {_megabytes(self.limit)} and are in use, pinned or a task's default"
            )

    def tidy(self) -> None:
        """Unload what is drained, gone from the catalogue, entered anew, or idle for long. Called now and then."""
        states = catalogue.states()
        now = time.monotonic()
        for models, model in self.loaded():
            state = states.get(model.name)
            is_idle = bool(self._idle) and now - model.used_at > self._idle and not _stays(model.name, states)
            if state is None or state.is_draining or state.version != model.version or is_idle:
                models.unload(model)

    def loaded(self) -> Iterator[tuple[LoadedModels, LoadedModel]]:
        """What is loaded now, with the models of its task."""
        for models in self.watched():
            for model in models.all():
                yield models, model


def _stays(name: str, states: dict[str, catalogue.EntryState]) -> bool:
    state = states.get(name)
    return state is not None and (state.is_pinned or state.is_default)


def _megabytes(count: int) -> str:
    return f"{count / _MEGABYTE:,.0f} MB"
