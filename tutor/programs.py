"""Who asked for long work: found again by their id when the work is done, with what they may do then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from llmasos.accounts.models import ApiKey, Membership, ServiceAccount
from llmasos.accounts.principals import PROGRAMS, Principal
from tutor.permissions import SCOPE


def program_id(principal: Principal) -> UUID | None:
    """Return the id of a program (an API key, or the service account that a key belongs to); None for all others."""
    return principal.id if principal.kind in PROGRAMS else None


def program_of(organisation_id: UUID, program: UUID) -> Principal:
    """Return a program with the scopes that its keys have now: none once they are revoked. Inside ``acting_in``."""
    now = timezone.now()
    usable = ApiKey.objects.for_organisation(organisation_id).filter(
        Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None
    )
    accounts = ServiceAccount.objects.for_organisation(organisation_id).filter(pk=program, deactivated_at=None)
    if accounts.exists():
        keys = usable.filter(service_account=program, scopes__contains=[SCOPE])
        scopes = frozenset(scope for held in keys.values_list("scopes", flat=True) for scope in held)
        return Principal(organisation_id, "service", program, scopes=scopes)
    key = usable.filter(pk=program, service_account=None).first()
    return Principal(organisation_id, "key", program, scopes=frozenset(key.scopes if key is not None else ()))


def person_of(organisation_id: UUID, person_id: UUID | None) -> Principal:
    """Return a person with the roles that they have now: none once they are gone. Inside ``acting_in``."""
    held = Membership.objects.for_organisation(organisation_id).filter(deactivated_at=None)
    roles = held.filter(person_id=person_id).values_list("role", flat=True) if person_id is not None else ()
    return Principal(organisation_id, "person", person_id, frozenset(roles))


def program_names(organisation_id: UUID, programs: Iterable[UUID | None]) -> Mapping[UUID, str]:
    """Return what programs are called, by id. Inside ``acting_in``."""
    wanted = [one for one in programs if one is not None]
    keys = ApiKey.objects.for_organisation(organisation_id).filter(pk__in=wanted)
    accounts = ServiceAccount.objects.for_organisation(organisation_id).filter(pk__in=wanted)
    return dict(keys.values_list("pk", "name")) | dict(accounts.values_list("pk", "name"))
