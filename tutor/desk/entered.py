"""What a marker's form says. What stays open takes the proposal's value that the form showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from tutor.marking.errors import InvalidMarkError

LEVEL = "level-"
GHOST = "ghost-"
LONGEST_FEEDBACK = 10_000


@dataclass(frozen=True, slots=True)
class Entered:
    """A mark as it was entered: levels, or points as a whole where the question has no criteria.

    ``chosen`` are the levels that the marker chose; ``levels`` has the proposal's for the others.
    """

    digest: str
    expected_mark: UUID | None
    chosen: Mapping[str, str]
    levels: Mapping[str, str] | None
    points: Decimal | None
    feedback: str
    drafted: bool
    reason: str
    client_id: UUID | None


def read_mark(data: QueryDict) -> Entered:
    """Read a marking form.

    Raises:
        InvalidMarkError: the points are no number.
    """
    chosen = {name[len(LEVEL) :]: data.get(name, "") for name in data if name.startswith(LEVEL) and data[name]}
    ghosts = {name[len(GHOST) :]: data.get(name, "") for name in data if name.startswith(GHOST) and data[name]}
    whole = "points" in data
    return Entered(
        digest=data.get("digest", ""),
        expected_mark=uuid_or_none(data.get("expected_mark", "")),
        chosen=chosen,
        levels=None if whole else {**ghosts, **chosen},
        points=read_points(data.get("points", "").strip() or data.get("shown_points", "")) if whole else None,
        feedback=data.get("feedback", "").replace("\r\n", "\n").strip()[:LONGEST_FEEDBACK],
        drafted=data.get("drafted") == "1",
        reason=data.get("override_reason", ""),
        client_id=uuid_or_none(data.get("client_id", "")),
    )


def read_levels(data: QueryDict) -> tuple[dict[str, str] | None, Decimal | None]:
    """Read levels or points that are meant for many answers: (levels, None) or (None, points)."""
    if "points" in data:
        return None, read_points(data.get("points", ""))
    return {name[len(LEVEL) :]: data.get(name, "") for name in data if name.startswith(LEVEL) and data[name]}, None


def read_points(text: str) -> Decimal:
    """Read points as people write them, with a point or a comma.

    Raises:
        InvalidMarkError: it is no number.
    """
    try:
        return Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise InvalidMarkError(_("Give the points as a number.")) from None


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
