"""People, their roles in an organisation, and their own profile."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid4

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.errors import AlreadyThereError, LastAdministratorError, NotAllowedError, NotFoundError
from llmasos.accounts.models import WITHOUT_MAIL, Invitation, Membership, Person, Role
from llmasos.accounts.principals import Principal
from llmasos.accounts.queries import memberships_of
from llmasos.accounts.services.permission import require_administrator
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor, Ref


def add_person(*, email: str, password: str, name: str = "", language: str = "", is_operator: bool = False) -> Person:
    """Add someone who can sign in, without any role yet. Callers check who asks (set-up, invitation, commands).

    Raises:
        ValidationError: the password is weak, or the address is taken or is none.
    """
    validate_password(password, Person(email=email, name=name))
    with transaction.atomic():
        person = Person.objects.create_user(email, password, name=name, language=language, is_operator=is_operator)
        record(
            organisation_id=PLATFORM,
            actor=Actor("system"),
            action="accounts.person_added",
            object=Ref("person", person.pk),
        )
    return person


def add_person_without_mail(*, principal: Principal, organisation_id: UUID, name: str, role: str) -> Person:
    """Add a member who has no e-mail address; the account's is one that no mail reaches, and it has no password.

    The caller has checked that the principal may put people of this role into the organisation, and gives the person
    another way to sign in.
    """
    with acting_in(organisation_id):
        person = Person.objects.create_user(f"{uuid4()}@{WITHOUT_MAIL}", name=name)
        record(
            organisation_id=PLATFORM,
            actor=principal.actor,
            action="accounts.person_added",
            object=Ref("person", person.pk),
        )
        Membership.objects.create(organisation_id=organisation_id, person=person, role=str(Role(role)))
        _record_roles(principal, organisation_id, person.pk)
    return person


def add_membership(*, principal: Principal, organisation_id: UUID, person_id: UUID, role: str) -> Membership:
    """Give a person a role here.

    Raises:
        NotAllowedError: the principal is no administrator.
        AlreadyThereError: the person holds the role already.
        ValueError: there is no such role.
    """
    require_administrator(principal, organisation_id)
    role = str(Role(role))
    with acting_in(organisation_id):
        held, is_new = Membership.objects.get_or_create(organisation_id=organisation_id, person_id=person_id, role=role)
        if not is_new and held.deactivated_at is None:
            raise AlreadyThereError(_("This person holds the role already."))
        if not is_new:
            held.deactivated_at = None
            held.save(update_fields=["deactivated_at"])
        _record_roles(principal, organisation_id, person_id)
    return held


def change_roles(*, principal: Principal, organisation_id: UUID, person_id: UUID, roles: Iterable[str]) -> None:
    """Make ``roles`` the active member's roles here.

    Raises:
        NotAllowedError: the principal is no administrator.
        NotFoundError: the person is no active member.
        LastAdministratorError: nobody would administer the organisation.
        ValidationError: no role is given.
    """
    require_administrator(principal, organisation_id)
    wanted = {str(Role(role)) for role in roles}
    if not wanted:
        raise ValidationError(_("Choose at least one role, or deactivate the person."))
    with acting_in(organisation_id):
        held = _locked(organisation_id, person_id)
        present = {membership.role for membership in held if membership.deactivated_at is None}
        if not present:
            raise NotFoundError(_("This person is no active member."))
        if wanted == present:
            return
        if Role.ADMINISTRATOR not in wanted:
            _keep_an_administrator(organisation_id, without=person_id)
        of_organisation = Membership.objects.for_organisation(organisation_id)
        of_organisation.filter(person_id=person_id).exclude(role__in=wanted).delete()
        for role in wanted - present:
            Membership.objects.create(organisation_id=organisation_id, person_id=person_id, role=role)
        _record_roles(principal, organisation_id, person_id)


def deactivate(*, principal: Principal, organisation_id: UUID, person_id: UUID) -> None:
    """Take a person's access to this organisation away, at once; ``reactivate`` gives it back.

    Open invitations of the person are withdrawn: each would give a role back.

    Raises:
        NotAllowedError: the principal is no administrator.
        NotFoundError: the person is no active member.
        LastAdministratorError: nobody would administer the organisation.
    """
    require_administrator(principal, organisation_id)
    with acting_in(organisation_id):
        held = [membership for membership in _locked(organisation_id, person_id) if membership.deactivated_at is None]
        if not held:
            raise NotFoundError(_("This person is no active member."))
        _keep_an_administrator(organisation_id, without=person_id)
        now = timezone.now()
        Membership.objects.for_organisation(organisation_id).filter(pk__in=[row.pk for row in held]).update(
            deactivated_at=now
        )
        _record(principal, organisation_id, person_id, "accounts.person_deactivated")
        invitations = (
            Invitation.objects.for_organisation(organisation_id)
            .filter(email=Person.objects.get(pk=person_id).email, accepted_at__isnull=True, revoked_at__isnull=True)
            .select_for_update()
        )
        for invitation in invitations:
            invitation.revoked_at = now
            invitation.save(update_fields=["revoked_at"])
            record(
                organisation_id=organisation_id,
                actor=principal.actor,
                action="accounts.invitation_revoked",
                object=Ref("invitation", invitation.pk),
            )


def reactivate(*, principal: Principal, organisation_id: UUID, person_id: UUID) -> None:
    """Give a deactivated person the former roles back.

    Raises:
        NotAllowedError: the principal is no administrator.
        NotFoundError: the person is no deactivated member.
    """
    require_administrator(principal, organisation_id)
    with acting_in(organisation_id):
        changed = (
            Membership.objects.for_organisation(organisation_id)
            .filter(person_id=person_id, deactivated_at__isnull=False)
            .update(deactivated_at=None)
        )
        if not changed:
            raise NotFoundError(_("This person is no deactivated member."))
        _record(principal, organisation_id, person_id, "accounts.person_reactivated")


def password_link_token(*, principal: Principal, organisation_id: UUID, person_id: UUID) -> str:
    """Return the part of a one-time password link that names person and token.

    For members of this organisation alone: whoever holds the link can take the account over, so that of a
    person who also belongs elsewhere, or who operates the installation, is not for this administrator to make.

    Raises:
        NotAllowedError: the principal is no administrator, or the person belongs elsewhere as well.
        NotFoundError: the person is no active member.
    """
    require_administrator(principal, organisation_id)
    memberships = memberships_of(person_id)
    if organisation_id not in {membership.organisation_id for membership in memberships}:
        raise NotFoundError(_("This person is no active member."))
    person = Person.objects.get(pk=person_id)
    if len(memberships) > 1 or person.is_operator or person.is_staff or person.is_superuser:
        raise NotAllowedError(_("This person also belongs elsewhere and has to reset the password by e-mail."))
    with acting_in(organisation_id):
        _record(principal, organisation_id, person_id, "accounts.reset_link_made")
    return f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"


def change_profile(*, person: Person, name: str, language: str) -> None:
    """Change one's own name and language."""
    with transaction.atomic():
        person.name, person.language = name, language
        person.full_clean(exclude=["password", "email"])
        person.save(update_fields=["name", "language"])
        record(
            organisation_id=PLATFORM,
            actor=Actor("person", person.pk),
            action="accounts.profile_changed",
            subject=Ref("person", person.pk),
        )


def _locked(organisation_id: UUID, person_id: UUID) -> list[Membership]:
    """Return the person's memberships with all administrators' rows locked, so that two changes cannot cross."""
    of_organisation = Membership.objects.for_organisation(organisation_id)
    list(of_organisation.filter(role=Role.ADMINISTRATOR).order_by("pk").select_for_update().values_list("pk"))
    return list(of_organisation.filter(person_id=person_id).order_by("pk").select_for_update())


def _keep_an_administrator(organisation_id: UUID, *, without: UUID) -> None:
    others = (
        Membership.objects.for_organisation(organisation_id)
        .filter(role=Role.ADMINISTRATOR, deactivated_at__isnull=True, person__is_active=True)
        .exclude(person_id=without)
    )
    if not others.exists():
        raise LastAdministratorError(_("The organisation needs at least one administrator."))


def _record_roles(principal: Principal, organisation_id: UUID, person_id: UUID) -> None:
    roles = (
        Membership.objects.for_organisation(organisation_id)
        .filter(person_id=person_id, deactivated_at__isnull=True)
        .order_by("role")
        .values_list("role", flat=True)
    )
    record(
        organisation_id=organisation_id,
        actor=principal.actor,
        action="accounts.roles_changed",
        subject=Ref("person", person_id),
        digests={"roles": list(roles)},
    )


def _record(principal: Principal, organisation_id: UUID, person_id: UUID, action: str) -> None:
    record(organisation_id=organisation_id, actor=principal.actor, action=action, subject=Ref("person", person_id))
