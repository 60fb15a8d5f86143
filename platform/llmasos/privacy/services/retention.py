"""Periods of retention, and removing what is older than they allow."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.queries import organisation_ids
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy import permissions, queries
from llmasos.privacy.errors import PeriodError
from llmasos.privacy.models import RetentionPeriod
from llmasos.privacy.registry import Store, retention_classes, stores

logger = logging.getLogger(__name__)

LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Expired:
    """What one store lost, or would lose: things older than ``before``. ``held``: a hold on the class forbade it."""

    code: str
    store: str
    before: datetime
    removed: int
    held: bool = False


def set_period(principal: Principal, code: str, *, days: int | None) -> RetentionPeriod:
    """Set how long the organisation keeps a class of data; None for without an end.

    Raises:
        NotAllowedError: the principal is no administrator.
        PeriodError: there is no such class, or the period is shorter than the class allows or absurdly long.
    """
    known = retention_classes().get(code)
    if known is None:
        raise PeriodError(_("There is no such class of data."))
    if days is not None and not known.minimum_days <= days <= LONGEST_DAYS:
        raise PeriodError(
            _("Choose from %(least)d to %(most)d days.") % {"least": known.minimum_days, "most": LONGEST_DAYS}
        )
    with acting_in(principal.organisation_id):
        permissions.require_officer(principal)
        period, _made = RetentionPeriod.objects.update_or_create(
            organisation_id=principal.organisation_id,
            code=code,
            defaults={"days": days, "changed_at": timezone.now()},
        )
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="privacy.period_changed",
            object=Ref("retention_class"),
            digests={"class": code, "days": days},
        )
    return period


def expire(principal: Principal, *, dry_run: bool = False) -> list[Expired]:
    """Remove what is older than its period, store by store, and say how much; a dry run only counts.

    Data of subjects under a legal hold stays, and all of a class under one.

    Raises:
        NotAllowedError: the principal is no administrator.
    """
    permissions.require_officer(principal)
    organisation_id, now = principal.organisation_id, timezone.now()
    with acting_in(organisation_id):
        periods = queries.periods(organisation_id)
    done = []
    for period in periods:
        if period.days is None:
            continue
        before = now - timedelta(days=period.days)
        for store in _expiring(period.retention_class.code):
            # One transaction a store, so that a long one holds no locks of the others.
            with acting_in(organisation_id):
                done.append(_expire_in(principal, store, before, held=period.held, dry_run=dry_run))
    return done


def expire_all() -> int:
    """Remove what is older than its period in every organisation, and return how many things that were."""
    total = 0
    for organisation_id in organisation_ids():
        total += sum(one.removed for one in expire(system_principal(organisation_id)))
    return total


def _expire_in(principal: Principal, store: Store, before: datetime, *, held: bool, dry_run: bool) -> Expired:
    organisation_id = principal.organisation_id
    subjects = queries.held_subjects(organisation_id)
    removed = 0
    if not held and dry_run and store.due is not None:
        removed = store.due(organisation_id, before, subjects)
    elif not held and not dry_run and store.expire is not None:
        removed = store.expire(organisation_id, before, subjects)
        if removed:
            record(
                organisation_id=organisation_id,
                actor=principal.actor,
                action="privacy.expired",
                object=Ref("retention_class"),
                digests={"class": store.retention_class, "store": store.name, "removed": removed},
            )
    return Expired(store.retention_class, store.name, before, removed, held)


def _expiring(code: str) -> list[Store]:
    return [store for store in stores().values() if store.retention_class == code and store.expire is not None]
