"""Kinds of runs that higher packages bring: a name, its handler and the engine whose worker runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from llmasos.inference.context import RunContext

Handler = Callable[["RunContext"], None]

GENERATE: Final = "generate"
CHAT: Final = "chat"
EMBED: Final = "embed"
OWN_KINDS: Final = frozenset({GENERATE, CHAT, EMBED})
READING_KINDS: Final = frozenset({"rerank", "classify", "answer_span", "score"})
MODEL_KINDS: Final = OWN_KINDS | READING_KINDS
"""Runs of one model: what limits count. Others, such as an answer, count by the model calls they make."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A registered kind of run."""

    name: str
    handler: Handler
    engine: str


_kinds: dict[str, Kind] = {}


def register_kind(name: str, handler: Handler, engine: str = "embed") -> None:
    """Makes runs of this kind startable. Call it in AppConfig.ready.

    The handler runs in a thread of that engine's worker. It ends the run with `context.finish`; when
    it returns without, or raises, the run ends as failed.
    """
    if name in OWN_KINDS:
        raise ValueError(f"the kind {name} belongs to the model service")
    present = _kinds.get(name)
    if present is not None and present.handler is not handler:
        raise ValueError(f"the kind {name} is registered twice")
    _kinds[name] = Kind(name, handler, engine)


def kind(name: str) -> Kind:
    """The registered kind. Raises KeyError for an unknown name."""
    return _kinds[name]


def engine_of(name: str) -> str:
    """The engine whose worker serves this kind. Raises KeyError for an unknown name."""
    if name == EMBED:
        return "embed"
    if name in OWN_KINDS:
        return "generate"
    return kind(name).engine
