"""People who sign in: account, memberships, invitations, sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llmasos.accounts.models import Invitation, Membership, Person, Role
from llmasos.audit.types import Ref
from llmasos.privacy.registry import Store, SubjectKind, register_store, register_subject_kind
from llmasos.privacy.stores.rows import exported
from llmasos.privacy.subjects import id_of

KIND = "person"


def register() -> None:
    register_subject_kind(
        SubjectKind(KIND, gettext_lazy("Person who signs in"), exists=_is_member, protected=_protected)
    )
    register_store(
        Store(
            name="accounts.invitations",
            label=gettext_lazy("Invitations"),
            purpose=gettext_lazy("To let people into the organisation"),
            categories=(gettext_lazy("E-mail address"), gettext_lazy("Role")),
            legal_basis=gettext_lazy("Legitimate interest (GDPR, article 6(1)(f))"),
            protection="row security",
            subject_kinds=(KIND,),
            retention_class="invitations",
            tables=("accounts_invitation",),
            erase=lambda organisation_id, subject: _invitations(organisation_id, subject).delete()[0],
            export=lambda organisation_id, subject: exported(
                _invitations(organisation_id, subject), ("email", "role", "created_at", "accepted_at", "revoked_at")
            ),
            count=lambda organisation_id, subject: _invitations(organisation_id, subject).count(),
            expire=lambda organisation_id, before, held: _old(organisation_id, before).delete()[0],
            due=lambda organisation_id, before, held: _old(organisation_id, before).count(),
        )
    )
    register_store(
        Store(
            name="accounts.sessions",
            label=gettext_lazy("Open sessions"),
            purpose=gettext_lazy("To keep people signed in"),
            categories=(gettext_lazy("Session"),),
            legal_basis=gettext_lazy("Contract (GDPR, article 6(1)(b))"),
            protection="access rights",
            subject_kinds=(KIND,),
            tables=("django_session",),
            erase=_end_sessions,
            export=lambda organisation_id, subject: [
                {"expires": session.expire_date.isoformat()} for session in _sessions(subject)
            ],
            order=80,
        )
    )
    register_store(
        Store(
            name="accounts.people",
            label=gettext_lazy("People, their sign-in and their roles"),
            purpose=gettext_lazy("To let people in and give each the rights of their role"),
            categories=(
                gettext_lazy("Name"),
                gettext_lazy("E-mail address"),
                gettext_lazy("Language"),
                gettext_lazy("Role"),
                gettext_lazy("Sign-in factors"),
            ),
            legal_basis=gettext_lazy("Contract (GDPR, article 6(1)(b))"),
            protection="access rights",
            subject_kinds=(KIND,),
            tables=("accounts_person", "accounts_membership", "account_emailaddress", "mfa_authenticator"),
            erase=_erase_person,
            export=_export_person,
            count=lambda organisation_id, subject: _memberships(organisation_id, subject).count(),
            order=90,
        )
    )


def _is_member(organisation_id: UUID, person_id: UUID) -> bool:
    return Membership.objects.for_organisation(organisation_id).filter(person_id=person_id).exists()


def _protected(organisation_id: UUID, person_id: UUID) -> str:
    """An organisation keeps an administrator, or nobody could decide on anything any more."""
    active = Membership.objects.for_organisation(organisation_id).filter(
        role=Role.ADMINISTRATOR, deactivated_at__isnull=True, person__is_active=True
    )
    if active.filter(person_id=person_id).exists() and not active.exclude(person_id=person_id).exists():
        return _("This person is the only administrator. Give the role to somebody else first.")
    return ""


def _memberships(organisation_id: UUID, subject: Ref | None) -> QuerySet[Membership]:
    rows = Membership.objects.for_organisation(organisation_id)
    return rows if subject is None else rows.filter(person_id=id_of(subject))


def _invitations(organisation_id: UUID, subject: Ref | None) -> QuerySet[Invitation]:
    rows = Invitation.objects.for_organisation(organisation_id)
    if subject is None:
        return rows
    person = Person.objects.filter(pk=id_of(subject)).first()
    return rows.filter(email__iexact=person.email) if person else rows.none()


def _old(organisation_id: UUID, before: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.for_organisation(organisation_id).filter(
        Q(accepted_at__lt=before) | Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    )


def _erase_person(organisation_id: UUID, subject: Ref) -> int:
    """End the memberships here; remove the account with all that hangs on it where the person belongs nowhere else."""
    removed, _by_model = _memberships(organisation_id, subject).delete()
    with connection.cursor() as cursor:
        # It looks into other organisations, so that it is a function of the owner's, which answers with a count.
        cursor.execute("SELECT privacy_remove_person(%s)", [subject.id])
        row = cursor.fetchone()
    removed += int(row[0]) if row else 0
    return removed


def _export_person(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    person = Person.objects.get(pk=id_of(subject))
    memberships = _memberships(organisation_id, subject).order_by("created_at")
    return [
        {
            "email": person.email,
            "name": person.name,
            "language": person.language,
            "created_at": person.created_at.isoformat(),
            "last_login": person.last_login.isoformat() if person.last_login else None,
            "addresses": list(EmailAddress.objects.filter(user=person).values_list("email", flat=True)),
            "second_factors": list(Authenticator.objects.filter(user=person).values_list("type", flat=True)),
            "roles": exported(memberships, ("role", "created_at", "deactivated_at")),
        }
    ]


def _sessions(subject: Ref) -> list[Session]:
    wanted = str(subject.id)
    return [session for session in Session.objects.iterator() if session.get_decoded().get("_auth_user_id") == wanted]


def _end_sessions(organisation_id: UUID, subject: Ref) -> int:
    sessions = [session.pk for session in _sessions(subject)]
    return Session.objects.filter(pk__in=sessions).delete()[0]
