"""Whose account a user of a platform is. A launch opens no account that is not its user's beyond doubt."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from llmasos.accounts.models import Membership, Person, Role
from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import memberships_of
from llmasos.accounts.services.people import add_membership, add_person_without_mail
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref
from tutor.lti.protocol import Launch, RefusedLaunchError, digest_of
from tutor.models import Learner, LtiAccount, LtiLearner

_ROLES = {"teacher": Role.TEACHER, "assistant": Role.TEACHER, "learner": Role.STUDENT}
_OPENED_BY_LAUNCH = frozenset({Role.TEACHER, Role.STUDENT, Role.GUARDIAN})


def person_of(organisation_id: UUID, launch: Launch) -> Person | None:
    """Return whose account the launch's user has here, or None. Inside ``acting_in``."""
    rows = LtiAccount.objects.for_organisation(organisation_id).select_related("person")
    found = rows.filter(platform_id=launch.platform, digest=digest_of(launch.platform_id, launch.sub)).first()
    return found.person if found is not None else None


def opens(organisation_id: UUID, person: Person) -> bool:
    """Whether a launch may sign the person in.

    Whoever runs the platform can launch as anybody of it. So it opens no account that reaches further than this
    organisation's courses, and none with a second factor: these sign in themselves.
    """
    held = memberships_of(person.pk)
    return (
        person.is_active
        and [one.organisation_id for one in held] == [organisation_id]
        and held[0].roles <= _OPENED_BY_LAUNCH
        and not (person.is_operator or person.is_staff or person.is_superuser)
        and not Authenticator.objects.filter(user=person).exists()
    )


def has_account(organisation_id: UUID, launch: Launch) -> bool:
    """Whether somebody here has the address that the platform tells: they sign in to link it. Inside ``acting_in``."""
    members = Membership.objects.for_organisation(organisation_id)
    return bool(launch.email) and members.filter(person__email__iexact=launch.email).exists()


def link(organisation_id: UUID, launch: Launch, person: Person) -> None:
    """Link the launch's user with an account whose owner has asked for it."""
    with acting_in(organisation_id):
        _link(organisation_id, launch, person)


def make_account(organisation_id: UUID, launch: Launch) -> Person:
    """Make a new account that the platform alone opens, and link it.

    Raises:
        RefusedLaunchError: the launch gives no part in a class.
    """
    if not launch.part:
        raise RefusedLaunchError("role")
    with acting_in(organisation_id):
        learner = known_learner(organisation_id, launch) if launch.part == "learner" else None
        if learner is not None and learner.person_id is not None:
            # Known from a class list, with an account: it is that one's owner who links it.
            raise RefusedLaunchError("known")
        person = add_person_without_mail(
            principal=system_principal(organisation_id),
            organisation_id=organisation_id,
            name=launch.name or _("From the learning platform"),
            role=_ROLES[launch.part],
        )
        _link(organisation_id, launch, person)
        return person


def give_role(organisation_id: UUID, launch: Launch, person: Person) -> frozenset[str]:
    """See that the person holds the role of the launch, and return all that they hold. Inside ``acting_in``.

    Raises:
        RefusedLaunchError: the role was taken away here, or the launch gives no part in a class.
    """
    if not launch.part:
        raise RefusedLaunchError("role")
    role = _ROLES[launch.part]
    rows = Membership.objects.for_organisation(organisation_id).filter(person=person)
    held = dict(rows.values_list("role", "deactivated_at"))
    if any(ended is not None for ended in held.values()):
        raise RefusedLaunchError("deactivated")
    if role not in held:
        add_membership(
            principal=system_principal(organisation_id),
            organisation_id=organisation_id,
            person_id=person.pk,
            role=role,
        )
    return frozenset({*held, str(role)})


def known_learner(organisation_id: UUID, launch: Launch) -> Learner | None:
    """Return the learner that the platform's own class list named under this ``sub``. Inside ``acting_in``."""
    rows = LtiLearner.objects.for_organisation(organisation_id).select_related("learner")
    found = rows.filter(platform_id=launch.platform, digest=digest_of(launch.platform_id, launch.sub)).first()
    return found.learner if found is not None else None


def _link(organisation_id: UUID, launch: Launch, person: Person) -> None:
    LtiAccount.objects.for_organisation(organisation_id).update_or_create(
        organisation_id=organisation_id,
        platform_id=launch.platform,
        digest=digest_of(launch.platform_id, launch.sub),
        defaults={"person": person},
    )
    record(
        organisation_id=organisation_id,
        actor=Actor("person", person.pk),
        action="tutor.lti_account_linked",
        subject=Ref("person", person.pk),
        object=Ref("lti_platform", launch.platform),
    )
