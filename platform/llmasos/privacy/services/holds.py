"""Legal holds: what must be kept, until somebody lifts the duty."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy import permissions
from llmasos.privacy.errors import PeriodError
from llmasos.privacy.models import LegalHold
from llmasos.privacy.registry import retention_classes
from llmasos.privacy.subjects import id_of, require_known


def hold_subject(principal: Principal, subject: Ref, *, reason: str) -> LegalHold:
    """Forbid expiry and erasure of one subject's data.

    Raises:
        NotAllowedError: the principal is no administrator.
        UnknownSubjectError: the organisation knows no such subject.
        ValidationError: no reason is given.
    """
    with acting_in(principal.organisation_id):
        permissions.require_officer(principal)
        require_known(principal.organisation_id, subject)
        hold = LegalHold(subject_kind=subject.kind, subject_id=id_of(subject), reason=reason)
        return _placed(principal, hold)


def hold_class(principal: Principal, code: str, *, reason: str) -> LegalHold:
    """Forbid expiry of one class of data, and erasure of subjects who have some of it.

    Raises:
        NotAllowedError: the principal is no administrator.
        PeriodError: there is no such class.
        ValidationError: no reason is given.
    """
    with acting_in(principal.organisation_id):
        permissions.require_officer(principal)
        if code not in retention_classes():
            raise PeriodError(code)
        return _placed(principal, LegalHold(retention_class=code, reason=reason))


def lift_hold(principal: Principal, hold_id: UUID) -> LegalHold:
    """End a hold; lifting it again changes nothing. Raises ``NotAllowedError``, ``LegalHold.DoesNotExist``."""
    with acting_in(principal.organisation_id):
        permissions.require_officer(principal)
        hold = LegalHold.objects.for_organisation(principal.organisation_id).select_for_update().get(pk=hold_id)
        if hold.lifted_at is None:
            hold.lifted_at, hold.lifted_by_id = timezone.now(), principal.id
            hold.save(update_fields=["lifted_at", "lifted_by_id"])
            _record(principal, hold, "privacy.hold_lifted")
    return hold


def _placed(principal: Principal, hold: LegalHold) -> LegalHold:
    hold.organisation_id, hold.placed_by_id = principal.organisation_id, principal.id
    hold.full_clean(exclude=["organisation", "placed_by_id", "lifted_at", "lifted_by_id"])
    hold.save(force_insert=True)
    _record(principal, hold, "privacy.hold_placed")
    return hold


def _record(principal: Principal, hold: LegalHold, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=Ref(hold.subject_kind, hold.subject_id) if hold.subject_id else None,
        object=Ref("hold", hold.pk),
        digests={"class": hold.retention_class} if hold.retention_class else None,
    )
