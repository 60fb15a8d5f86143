"""The nouns of a log entry: who acted, and on what. Kinds and uuids only, never names or text."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

# The organisation of entries that belong to the installation as a whole (a failed sign-in, a set-up).
PLATFORM = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: a person, key, service, visitor or the system, with the role used."""

    kind: str
    id: UUID | None = None
    role: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing or a data subject: its kind ("conversation", "person") and uuid."""

    kind: str
    id: UUID | None = None
