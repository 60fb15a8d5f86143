"""Invitations: an offer of a role by a link that works once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.errors import InvitationUnusableError, NotFoundError
from llmasos.accounts.models import Invitation, Membership, Person, Role
from llmasos.accounts.principals import Principal
from llmasos.accounts.services.people import add_person
from llmasos.accounts.services.permission import require_administrator
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref

LIFETIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """A new invitation with the secret of its link, which is nowhere kept."""

    invitation: Invitation
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """What an invited person is shown before accepting."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    email: str
    role: str


def invite(*, principal: Principal, organisation_id: UUID, email: str, role: str) -> IssuedInvitation:
    """Offer a role to whoever reads mail at ``email``; an earlier open offer of the same role is replaced.

    Raises:
        NotAllowedError: the principal is no administrator.
        ValidationError: the address is none.
        ValueError: there is no such role.
    """
    require_administrator(principal, organisation_id)
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    with acting_in(organisation_id):
        invitation = Invitation(
            organisation_id=organisation_id,
            email=Person.objects.normalize_email(email).lower(),
            role=str(Role(role)),
            secret_digest=_digest(secret),
            invited_by_id=principal.id if principal.kind == "person" else None,
            expires_at=now + LIFETIME,
        )
        invitation.clean_fields(exclude=["accepted_at", "revoked_at", "invited_by"])
        Invitation.objects.for_organisation(organisation_id).filter(
            email=invitation.email, role=invitation.role, accepted_at__isnull=True, revoked_at__isnull=True
        ).update(revoked_at=now)
        invitation.save(force_insert=True)
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="accounts.invited",
            object=Ref("invitation", invitation.pk),
            digests={"role": invitation.role},
        )
    return IssuedInvitation(invitation, secret)


def revoke_invitation(*, principal: Principal, organisation_id: UUID, invitation_id: UUID) -> None:
    """Make an open invitation's link useless.

    Raises:
        NotAllowedError: the principal is no administrator.
        NotFoundError: there is no such open invitation here.
    """
    require_administrator(principal, organisation_id)
    with acting_in(organisation_id):
        changed = (
            Invitation.objects.for_organisation(organisation_id)
            .filter(pk=invitation_id, accepted_at__isnull=True, revoked_at__isnull=True)
            .update(revoked_at=timezone.now())
        )
        if not changed:
            raise NotFoundError(_("There is no such open invitation."))
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="accounts.invitation_revoked",
            object=Ref("invitation", invitation_id),
        )


def find_invitation(secret: str) -> OpenInvitation:
    """Return the open invitation that a link's secret stands for.

    Raises:
        InvitationUnusableError: used, revoked, lapsed or unknown.
    """
    invitation_id, organisation_id = _look_up(secret)
    with acting_in(organisation_id):
        invitation = _usable(organisation_id, invitation_id)
        return OpenInvitation(
            id=invitation.pk,
            organisation_id=organisation_id,
            organisation_name=invitation.organisation.name,
            email=invitation.email,
            role=invitation.get_role_display(),
        )


def accept_invitation(
    secret: str, *, person: Person | None = None, name: str = "", password: str = "", language: str = ""
) -> Person:
    """Accept once: as ``person``, who is signed in under the invited address, or as someone new.

    Raises:
        InvitationUnusableError: used, revoked, lapsed, unknown, or meant for another address.
        ValidationError: the password is weak, or the address has an account already and must sign in.
    """
    invitation_id, organisation_id = _look_up(secret)
    with acting_in(organisation_id):
        invitation = _usable(organisation_id, invitation_id)
        if person is not None and person.email != invitation.email:
            raise InvitationUnusableError(_("This invitation is for another e-mail address."))
        accepting = person or add_person(email=invitation.email, password=password, name=name, language=language)
        Membership.objects.update_or_create(
            organisation_id=organisation_id,
            person=accepting,
            role=invitation.role,
            defaults={"deactivated_at": None},
        )
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
        record(
            organisation_id=organisation_id,
            actor=Actor("person", accepting.pk, invitation.role),
            action="accounts.invitation_accepted",
            object=Ref("invitation", invitation.pk),
            digests={"role": invitation.role},
        )
    return accepting


def _look_up(secret: str) -> tuple[UUID, UUID]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id, organisation_id FROM llmasos_invitation(%s)", [_digest(secret)])
        row = cursor.fetchone()
    if row is None:
        raise InvitationUnusableError(_("This invitation does not exist."))
    return row[0], row[1]


def _usable(organisation_id: UUID, invitation_id: UUID) -> Invitation:
    invitation = (
        Invitation.objects.for_organisation(organisation_id)
        .select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=invitation_id)
    )
    if invitation.accepted_at is not None:
        raise InvitationUnusableError(_("This invitation was used already: sign in instead."))
    if invitation.revoked_at is not None:
        raise InvitationUnusableError(_("This invitation was withdrawn. Ask for a new one."))
    if invitation.expires_at <= timezone.now():
        raise InvitationUnusableError(_("This invitation has lapsed. Ask for a new one."))
    return invitation


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogateescape")).digest()
