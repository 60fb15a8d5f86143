"""What acts on many rows do, who may ask for them, and what their pages show at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from llmasos.accounts.principals import Principal
from tutor.jobs import Step
from tutor.models import BulkAct


@dataclass(frozen=True, slots=True)
class Done:
    """How an act ended: counts, and what is handed out to who asked (sealed, for a day at most)."""

    report: Mapping[str, Any]
    result: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class BulkWork:
    """One kind of act.

    ``does`` runs in the act's own transaction. ``page`` is the template of its end, with what ``shown`` returns.
    ``back`` is the page from which it is asked for: of the ``question`` that is given, the assignment or the course.
    What is ``handed_out`` is seen by who asked alone.
    """

    does: Callable[[Principal, BulkAct, Step], Done]
    roles: tuple[str, ...]
    page: str
    shown: Callable[[Principal, BulkAct], dict[str, Any]]
    back: str
    handed_out: bool = False


_works: dict[str, BulkWork] = {}


def register_bulk(kind: str, work: BulkWork) -> None:
    """Say what a kind of act does. Called in ``AppConfig.ready``."""
    _works[kind] = work


def work_of(kind: str) -> BulkWork:
    """Return what a kind of act does."""
    return _works[kind]
