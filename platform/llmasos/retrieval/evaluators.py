"""What ``manage.py evaluate`` can measure. Packages register theirs in ``AppConfig.ready``."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


Progress = Callable[[str], None]


class Evaluator(Protocol):
    """One subject of measurement. It fits nothing and prints nothing itself."""

    help: StrOrPromise

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the subject's own options."""

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        """Measure and return figures, with 95 % intervals under ``ci95``. Raises ``EvaluationError``."""


class EvaluationError(Exception):
    """The measurement cannot be made; the message says why and what to do."""


_evaluators: dict[str, Evaluator] = {}


def register_evaluator(name: str, evaluator: Evaluator) -> None:
    """Make ``manage.py evaluate NAME`` work. Another evaluator under the same name is an error."""
    known = _evaluators.setdefault(name, evaluator)
    if type(known) is not type(evaluator):
        raise ValueError(f"An evaluator named {name!r} is registered already.")


def evaluators() -> Mapping[str, Evaluator]:
    """Return all evaluators by name."""
    return dict(sorted(_evaluators.items()))
