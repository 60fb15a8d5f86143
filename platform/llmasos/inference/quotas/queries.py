"""Reads of limits and of what was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from llmasos.inference.models import RunState, UsageLimit
from llmasos.inference.quotas.counting import counted, counter_of
from llmasos.inference.quotas.limits import model_runs
from llmasos.inference.valkey import UNREACHABLE


@dataclass(frozen=True, slots=True)
class LimitState:
    """A limit, and how much of it is used in the running window, with what running requests have reserved.

    ``resets_at`` is when the window ends; a limit of what runs at once has none. ``used`` is None while it cannot be
    counted.
    """

    id: UUID
    program_kind: str
    program_id: UUID | None
    measure: str
    period: str
    amount: int
    used: int | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one principal used of one model on one day (UTC)."""

    day: date
    principal_kind: str
    principal_id: UUID | None
    model: str
    requests: int
    failed: int
    prompt_tokens: int
    completion_tokens: int


def limit_states(organisation_id: UUID) -> tuple[LimitState, ...]:
    """The limits of an organisation and its programs, and how much of each is used."""
    now = timezone.now()
    with acting_in(organisation_id):
        limits = list(UsageLimit.objects.for_organisation(organisation_id).order_by("program_id", "created_at"))
    counters = [counter_of(limit, now) for limit in limits]
    try:
        used: list[int | None] = [*counted(organisation_id, counters, now=now)]
    except UNREACHABLE:
        used = [None] * len(limits)
    return tuple(
        LimitState(
            id=limit.pk,
            program_kind=limit.program_kind,
            program_id=limit.program_id,
            measure=limit.measure,
            period=limit.period,
            amount=limit.amount,
            used=so_far,
            resets_at=counter.end,
        )
        for limit, counter, so_far in zip(limits, counters, used, strict=True)
    )


def usage(organisation_id: UUID, *, since: datetime, until: datetime | None = None) -> tuple[UsageRow, ...]:
    """What was used, by day, principal and model, oldest day first: requests, failures and tokens.

    As far back as the retention of runs reaches (90 days where nothing else was set).
    """
    with acting_in(organisation_id):
        rows = (
            model_runs(organisation_id)
            .filter(created_at__gte=since, created_at__lt=until or timezone.now())
            .annotate(day=TruncDate("created_at", tzinfo=UTC))
            .values("day", "principal_kind", "principal_id", "model")
            .annotate(
                requests=Count("id"),
                failed=Count("id", filter=Q(state=RunState.FAILED)),
                prompt=Sum("prompt_tokens"),
                completion=Sum("completion_tokens"),
            )
            .order_by("day", "principal_kind", "principal_id", "model")
        )
        return tuple(
            UsageRow(
                day=row["day"],
                principal_kind=row["principal_kind"],
                principal_id=row["principal_id"],
                model=row["model"],
                requests=row["requests"],
                failed=row["failed"],
                prompt_tokens=row["prompt"],
                completion_tokens=row["completion"],
            )
            for row in rows
        )
