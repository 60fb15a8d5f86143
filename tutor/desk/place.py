"""Where a marker stands: which question, which queue, which kind of mark, and how the dial is set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, QueryDict

from tutor.marking.types import QUEUES, MarkKind, QueueName

MODERATION = "moderation"
DIALS = "tutor.desk.dials"
DIALS_KEPT = 40


@dataclass(frozen=True, slots=True)
class Place:
    """``kind`` "final" is moderation: its only queue holds the answers whose two marks differ.

    ``threshold`` is the confidence from which proposals may be confirmed together, None for the dial's own.
    """

    queue: QueueName = "all"
    kind: MarkKind = "first"
    threshold: float | None = None

    @property
    def query(self) -> str:
        """The place as an address carries it; the dial stays in the session."""
        return urlencode({"queue": self.queue, **({} if self.kind == "first" else {"kind": self.kind})})

    @property
    def moderates(self) -> bool:
        return self.kind == "final"

    def at(self, queue: QueueName) -> Place:
        return replace(self, queue=queue)


def place_in(request: HttpRequest, question_id: UUID, data: QueryDict | None = None) -> Place:
    """Read the place from the address or, with ``data``, from a form; what is unknown is left at its default."""
    given = request.GET if data is None else data
    queue = given.get("queue", "")
    kind = given.get("kind", "")
    return Place(
        queue=cast("QueueName", queue) if queue in QUEUES else "all",
        kind=cast("MarkKind", kind) if kind in {"second", "final"} else "first",
        threshold=_dials(request).get(str(question_id)),
    )


def set_dial(request: HttpRequest, question_id: UUID, threshold: float | None) -> None:
    """Remember where this marker set the dial of a question; None goes back to the one that is proposed."""
    kept = {name: value for name, value in _dials(request).items() if name != str(question_id)}
    if threshold is not None:
        kept[str(question_id)] = threshold
    request.session[DIALS] = dict(list(kept.items())[-DIALS_KEPT:])


def _dials(request: HttpRequest) -> dict[str, float]:
    return cast("dict[str, float]", request.session.get(DIALS, {}))
