"""Medical leads: the clinicians whom an administrator named to answer for what the machine proposes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.models import MedicalLead
from clinical_assist.record.access import CLINICIANS
from llmasos.accounts.models import Membership, Person, Role
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref


class NoClinicianError(ValueError):
    """Only a clinician of the organisation can be named."""


def leads(organisation_id: UUID) -> QuerySet[MedicalLead]:
    """Return those who lead now, by name."""
    return (
        MedicalLead.objects.for_organisation(organisation_id)
        .filter(until=None, person__in=_holding(organisation_id, *CLINICIANS))
        .select_related("person")
        .order_by("person__name", "person__email")
    )


def governs(principal: Principal) -> bool:
    """Whether the principal decides what runs: an administrator as privacy officer, or a medical lead."""
    if principal.kind != "person" or principal.id is None:
        return False
    if principal.has_role(Role.ADMINISTRATOR):
        return True
    return principal.has_role(*CLINICIANS) and leads(principal.organisation_id).filter(person=principal.id).exists()


def require_governing(principal: Principal) -> UUID:
    """Return who acts. Raises PermissionDenied for anybody who does not govern."""
    if principal.id is None or not governs(principal):
        raise PermissionDenied
    return principal.id


def whom_to_ask(organisation_id: UUID) -> Sequence[str]:
    """Return the names of the medical leads and administrators."""
    people = [one.person for one in leads(organisation_id)]
    people += Person.objects.filter(pk__in=_holding(organisation_id, Role.ADMINISTRATOR)).order_by("name", "email")
    return list(dict.fromkeys(str(person) for person in people))


def candidates(organisation_id: UUID) -> QuerySet[Person]:
    """Return the clinicians who do not lead yet, by name."""
    clinicians = Person.objects.filter(pk__in=_holding(organisation_id, *CLINICIANS))
    return clinicians.exclude(pk__in=leads(organisation_id).values("person")).order_by("name", "email")


def name_lead(principal: Principal, person_id: UUID) -> MedicalLead:
    """Name a clinician as medical lead.

    Raises:
        PermissionDenied: the principal is no administrator.
        NoClinicianError: the person is no clinician here, or leads already.
    """
    with acting_in(principal.organisation_id):
        _require_administrator(principal)
        if not candidates(principal.organisation_id).filter(pk=person_id).exists():
            raise NoClinicianError(_("Choose a clinician of the organisation who does not lead yet."))
        lead = MedicalLead.objects.create(
            organisation_id=principal.organisation_id, person_id=person_id, named_by_id=principal.id
        )
        _record(principal, "clinical.lead_named", person_id)
        return lead


def dismiss_lead(principal: Principal, person_id: UUID) -> None:
    """End somebody's lead. Raises PermissionDenied when the principal is no administrator."""
    with acting_in(principal.organisation_id):
        _require_administrator(principal)
        rows = MedicalLead.objects.for_organisation(principal.organisation_id).filter(person_id=person_id, until=None)
        if rows.update(until=timezone.now()):
            _record(principal, "clinical.lead_dismissed", person_id)


def _require_administrator(principal: Principal) -> None:
    if principal.kind != "person" or not principal.has_role(Role.ADMINISTRATOR):
        raise PermissionDenied


def _holding(organisation_id: UUID, *roles: str) -> QuerySet[Membership, UUID]:
    memberships = Membership.objects.for_organisation(organisation_id).filter(
        role__in=roles, deactivated_at=None, person__is_active=True
    )
    return memberships.values_list("person_id", flat=True)


def _record(principal: Principal, action: str, person_id: UUID) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=Ref("person", person_id),
    )
