"""Setting limits: for an organisation as a whole by operators, for one of its programs by its administrators too."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from llmasos.accounts.errors import NotFoundError
from llmasos.accounts.models import ApiKey, ServiceAccount
from llmasos.accounts.principals import Principal
from llmasos.accounts.services.permission import require_administrator
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref
from llmasos.inference.errors import InvalidRequest
from llmasos.inference.models import Measure, Period, UsageLimit
from llmasos.inference.permissions import is_operator, require_operator
from llmasos.inference.quotas.limits import forget_limits

MOST = 10**15


def set_limit(
    *,
    principal: Principal,
    organisation_id: UUID,
    measure: str,
    period: str,
    amount: int,
    program: Actor | None = None,
) -> UsageLimit:
    """Allow so many requests or tokens a minute, day or month (UTC), or so many requests at once (no period).

    Without a ``program`` the limit is the organisation's; otherwise it is that of a key or a service account, whose
    keys share it. What was used earlier in the running window counts. Another amount for the same is a change. Holds
    within five seconds.

    Raises:
        NotAllowedError: the principal is no operator and, for a program, no administrator either.
        NotFoundError: there is no such program here.
        InvalidRequest: the measure, period or amount is none.
    """
    _require(principal, organisation_id, for_program=program is not None)
    if measure not in Measure or (measure == Measure.CONCURRENT) != (period == "") or (period and period not in Period):
        raise InvalidRequest(_("A limit is of requests or tokens a minute, day or month, or of requests at once."))
    if not 0 <= amount <= MOST:
        raise InvalidRequest(_("A limit is a whole number from 0."))
    with acting_in(organisation_id):
        if program is not None:
            _require_program(organisation_id, program)
        limit, _made = UsageLimit.objects.for_organisation(organisation_id).update_or_create(
            organisation_id=organisation_id,
            program_kind=program.kind if program else "",
            program_id=program.id if program else None,
            measure=measure,
            period=period,
            defaults={"amount": amount},
        )
        _record(principal, limit, amount)
    forget_limits()
    return limit


def remove_limit(*, principal: Principal, organisation_id: UUID, limit_id: UUID) -> None:
    """Take a limit away. Raises NotAllowedError or NotFoundError."""
    with acting_in(organisation_id):
        limit = UsageLimit.objects.for_organisation(organisation_id).filter(pk=limit_id).first()
        _require(principal, organisation_id, for_program=limit is not None and limit.program_id is not None)
        if limit is None:
            raise NotFoundError(_("There is no such limit."))
        _record(principal, limit, None)
        limit.delete()
    forget_limits()


def _require(principal: Principal, organisation_id: UUID, *, for_program: bool) -> None:
    if for_program and not is_operator(principal):
        require_administrator(principal, organisation_id)
    elif not for_program:
        require_operator(principal)


def _require_program(organisation_id: UUID, program: Actor) -> None:
    kinds = {"key": ApiKey, "service": ServiceAccount}
    model = kinds.get(program.kind)
    if model is None or not model.objects.for_organisation(organisation_id).filter(pk=program.id).exists():
        raise NotFoundError(_("There is no such key or service account here."))


def _record(principal: Principal, limit: UsageLimit, amount: int | None) -> None:
    record(
        organisation_id=limit.organisation_id,
        actor=principal.actor,
        action="inference.limit_change",
        subject=Ref(limit.program_kind, limit.program_id) if limit.program_id else None,
        object=Ref("limit", limit.pk),
        purpose=f"{limit.measure}_{limit.period or 'at_once'}",
        digests={"amount": "none" if amount is None else amount},
    )
