"""Who stores a finished answer: an application registers a function under a name, in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable

from llmasos.answering.types import Answer, FinishedRun

# Called in the transaction that ends the run and records the decision: it must be short and must not call a model.
Finisher = Callable[[FinishedRun, Answer], None]

_finishers: dict[str, Finisher] = {}


def register_finisher(name: str, finisher: Finisher) -> None:
    """Name the function that stores answers. Raises ValueError for a name that is taken."""
    if _finishers.get(name, finisher) is not finisher:
        raise ValueError(f"the finisher {name} is registered twice")
    _finishers[name] = finisher


def finisher(name: str) -> Finisher:
    """Return the function of this name. Raises KeyError."""
    return _finishers[name]
