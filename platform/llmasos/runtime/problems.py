"""The last failures of every process, for the console: when, where and of which kind. No words, nobody's id."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError

from llmasos.audit.context import current
from llmasos.inference.valkey import UNREACHABLE, client
from llmasos.runtime.log_privacy import description, name_of

KEY = "llmasos:problems"
KEPT = 1_000
LIFETIME_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Problem:
    """A page or a task that ended with an exception nobody expected.

    ``place`` is the page's or the task's name, ``kind`` the exception's type, ``trace`` its places in the code;
    ``organisation_id`` is "" where none was entered yet; ``at`` in seconds since 1970.
    """

    at: float
    request_id: str
    place: str
    kind: str
    trace: str
    organisation_id: str = ""

    @property
    def organisation(self) -> UUID | None:
        return UUID(self.organisation_id) if self.organisation_id else None


def note(place: str, error: BaseException, *, organisation_id: UUID | None = None) -> None:
    """Keep a failure for a week, among the last thousand. Never raises: whoever calls has a failure already."""
    problem = Problem(
        at=time.time(),
        request_id=current().request_id,
        place=place,
        kind=name_of(error),
        trace=description(error),
        organisation_id=str(organisation_id or ""),
    )
    try:
        pipeline = client().pipeline(transaction=False)
        pipeline.lpush(KEY, json.dumps(asdict(problem)))
        pipeline.ltrim(KEY, 0, KEPT - 1)
        pipeline.expire(KEY, LIFETIME_SECONDS)
        pipeline.execute()
    except (RedisError, OSError):
        # Away, or full: it stands in the log of the process all the same.
        return


def problems(*, organisation_id: UUID | None = None, request_id: str = "") -> tuple[Problem, ...] | None:
    """Return the failures that are kept, newest first: of one organisation or of all, of one request or of all.

    None while Valkey, which keeps them, does not answer: then nobody can tell.
    """
    try:
        found: Any = client().lrange(KEY, 0, -1)
    except UNREACHABLE:
        return None
    return tuple(_chosen(found, str(organisation_id or ""), request_id))


def _chosen(found: list[bytes], organisation_id: str, request_id: str) -> Iterator[Problem]:
    oldest = time.time() - LIFETIME_SECONDS
    for blob in found:
        problem = Problem(**json.loads(blob))
        if (
            problem.at >= oldest
            and (not organisation_id or problem.organisation_id == organisation_id)
            and (not request_id or problem.request_id == request_id)
        ):
            yield problem
