"""Who acts: the one value that services ask for permissions and that the log names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from llmasos.audit.types import Actor

PrincipalKind = Literal["person", "key", "service", "visitor", "system"]
# Those that come with an API key and may do what its scopes say.
PROGRAMS: frozenset[PrincipalKind] = frozenset({"key", "service"})


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone or something acting in one organisation.

    ``roles`` are a person's roles there; ``scopes`` what an API key may do ("generate", "embed",
    "search", ...). A visitor and the system have neither.
    """

    organisation_id: UUID
    kind: PrincipalKind
    id: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def actor(self) -> Actor:
        return Actor(kind=self.kind, id=self.id, role=",".join(sorted(self.roles)))

    def has_role(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    def allowed_for_it(self, scope: str) -> Principal:
        """Return the same one with a scope that a permitted act takes inside, as a search takes vectors."""
        return replace(self, scopes=self.scopes | {scope})


def system_principal(organisation_id: UUID) -> Principal:
    """Return the platform itself, acting in an organisation (scheduled work, commands)."""
    return Principal(organisation_id=organisation_id, kind="system")
