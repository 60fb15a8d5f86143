"""Reads of accounts. Those that cross organisations go through named SECURITY DEFINER functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from llmasos.accounts.models import ApiKey, Invitation, Membership, Organisation, Person, ServiceAccount


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
        row = cursor.fetchone()
    return cast("UUID | None", row[0]) if row else None


def organisation_ids() -> tuple[UUID, ...]:
    """Return the ids of all organisations, for scheduled work that visits each in turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM llmasos_organisation_ids()")
        return tuple(row[0] for row in cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Member:
    """Someone with roles in an organisation. ``roles`` are names for people; ``is_active`` whether they hold."""

    person: Person
    roles: tuple[str, ...]
    role_codes: frozenset[str]
    is_active: bool


def members(organisation_id: UUID) -> tuple[Member, ...]:
    """Return the organisation's people, active ones first, by name; inside ``acting_in``."""
    held: dict[UUID, list[Membership]] = {}
    rows = Membership.objects.for_organisation(organisation_id).select_related("person")
    for membership in rows.order_by("person__name", "person__email", "role"):
        held.setdefault(membership.person_id, []).append(membership)
    found = []
    for memberships in held.values():
        active = [membership for membership in memberships if membership.deactivated_at is None]
        shown = active or memberships
        found.append(
            Member(
                person=memberships[0].person,
                roles=tuple(str(membership.get_role_display()) for membership in shown),
                role_codes=frozenset(membership.role for membership in shown),
                is_active=bool(active) and memberships[0].person.is_active,
            )
        )
    return tuple(sorted(found, key=lambda member: not member.is_active))


def open_invitations(organisation_id: UUID) -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted; inside ``acting_in``."""
    return (
        Invitation.objects.for_organisation(organisation_id)
        .filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now())
        .order_by("email")
    )


def api_keys(organisation_id: UUID) -> QuerySet[ApiKey]:
    """Return the organisation's keys, newest first; inside ``acting_in``."""
    return (
        ApiKey.objects.for_organisation(organisation_id)
        .select_related("service_account", "created_by")
        .order_by("-created_at")
    )


def service_accounts(organisation_id: UUID) -> QuerySet[ServiceAccount]:
    """Return the service accounts that are not deactivated; inside ``acting_in``."""
    return ServiceAccount.objects.for_organisation(organisation_id).filter(deactivated_at__isnull=True).order_by("name")
