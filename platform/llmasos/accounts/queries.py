"""Reads of accounts. Those that cross organisations go through named SECURITY DEFINER functions."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from llmasos.accounts.models import Organisation


@dataclass(frozen=True, slots=True)
class MembershipView:
    """One organisation that a person belongs to, with the roles held there."""

    organisation_id: UUID
    slug: str
    name: str
    roles: frozenset[str]

    def organisation(self) -> Organisation:
        """Return the row; only inside ``acting_in(organisation_id)``."""
        return Organisation.objects.get(pk=self.organisation_id)


def memberships_of(person_id: UUID) -> tuple[MembershipView, ...]:
    """Return every organisation that an active person belongs to, by name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id, slug, name, roles FROM llmasos_memberships_of(%s)", [person_id])
        return tuple(MembershipView(row[0], row[1], row[2], frozenset(row[3])) for row in cursor.fetchall())


def membership_in(slug: str, person_id: UUID) -> MembershipView | None:
    """Return the person's membership in the organisation named ``slug``; None for strangers."""
    return next((view for view in memberships_of(person_id) if view.slug == slug), None)


def organisation_id_by_slug(slug: str) -> UUID | None:
    """Return an organisation's id for commands and public pages that name it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT llmasos_organisation_id(%s)", [slug])
        (found,) = cursor.fetchone()
    return found


def organisation_ids() -> tuple[UUID, ...]:
    """Return the ids of all organisations, for scheduled work that visits each in turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM llmasos_organisation_ids()")
        return tuple(row[0] for row in cursor.fetchall())
