"""Where a marker stands: which queue of a question, and which kind of mark."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import urlencode

from django.http import QueryDict

from tutor.marking.types import QUEUES, MarkKind, QueueName


@dataclass(frozen=True, slots=True)
class Place:
    """``kind`` "final" is moderation: its only queue holds the answers whose two marks differ."""

    queue: QueueName = "all"
    kind: MarkKind = "first"

    @property
    def query(self) -> str:
        """The place as an address carries it."""
        return urlencode({"queue": self.queue, **({} if self.kind == "first" else {"kind": self.kind})})

    @property
    def moderates(self) -> bool:
        return self.kind == "final"

    def at(self, queue: QueueName) -> Place:
        return replace(self, queue=queue, kind="first" if self.moderates else self.kind)


def place_in(given: QueryDict) -> Place:
    """Read the place from an address or a form; what is unknown is left at its default."""
    queue = given.get("queue", "")
    kind = given.get("kind", "")
    return Place(
        queue=queue if queue in QUEUES else "all",
        kind=cast("MarkKind", kind) if kind in {"second", "final"} else "first",
    )
