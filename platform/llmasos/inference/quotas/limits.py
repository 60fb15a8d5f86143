"""The limits that hold, and what the runs' rows say was used of them."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from llmasos.accounts.tenancy import acting_in
from llmasos.inference.kinds import MODEL_KINDS
from llmasos.inference.models import Measure, Run, UsageLimit

REMEMBER_SECONDS = 5.0

_lock = threading.Lock()
_known: dict[tuple[str, UUID], tuple[tuple[UsageLimit, ...], float]] = {}


def limits_of(organisation_id: UUID) -> tuple[UsageLimit, ...]:
    """The limits of an organisation and of its programs; remembered for five seconds, as every request asks."""
    key = (str(connection.settings_dict["NAME"]), organisation_id)
    found = _known.get(key)
    if found is not None and found[1] > time.monotonic():
        return found[0]
    with acting_in(organisation_id):
        limits = tuple(UsageLimit.objects.for_organisation(organisation_id).order_by("created_at"))
    with _lock:
        _known[key] = (limits, time.monotonic() + REMEMBER_SECONDS)
    return limits


def forget_limits() -> None:
    """Have this process read the limits anew."""
    with _lock:
        _known.clear()


def used_since(organisation_id: UUID, limit: UsageLimit, since: datetime) -> int:
    """How much of a limit's measure the runs since a moment have used, by their rows."""
    with acting_in(organisation_id):
        runs = model_runs(organisation_id).filter(created_at__gte=since)
        if limit.program_id is not None:
            runs = runs.filter(principal_kind=limit.program_kind, principal_id=limit.program_id)
        if limit.measure == Measure.REQUESTS:
            return runs.count()
        sums = runs.aggregate(prompt=Sum("prompt_tokens"), completion=Sum("completion_tokens"))
    return int(sums["prompt"] or 0) + int(sums["completion"] or 0)


def model_runs(organisation_id: UUID) -> QuerySet[Run]:
    """The organisation's runs of models: what limits count. Inside ``acting_in``."""
    return Run.objects.for_organisation(organisation_id).filter(kind__in=MODEL_KINDS)
