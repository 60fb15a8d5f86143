"""Runs as rows of a page: of one organisation, or of all for operators. Codes, counts and times; nobody's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from llmasos.accounts.models import ApiKey, ServiceAccount
from llmasos.console.names import Named, organisation_names
from llmasos.inference.models import LIVE_STATES, Run, RunState

PAGE_RUNS = 50
LIVE_SHOWN = 100
ENDED_STATES = tuple(state for state in RunState if state not in LIVE_STATES)
PERIODS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ended runs: empty values mean any. ``organisation_id`` None means all, which only operators may ask for.

    ``before`` is the place of the last run of the page before: when it was made, and its id.
    """

    organisation_id: UUID | None = None
    states: Sequence[str] = ENDED_STATES
    engine: str = ""
    request_id: str = ""
    period: str = "day"
    before: tuple[datetime, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A run, the name of the program that asked for it where it was one, and its organisation where several show."""

    run: Run
    program: str
    organisation: Named | None

    @property
    def total_ms(self) -> float:
        return self.run.queue_ms + self.run.prefill_ms + self.run.decode_ms

    @property
    def age_seconds(self) -> float:
        return (timezone.now() - self.run.created_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of runs, newest first, and the mark where the next older ones begin ("" for none)."""

    rows: list[Row]
    older: str


def own_live_runs(organisation_id: UUID, *, size: int = LIVE_SHOWN) -> Page:
    """Return the runs of one organisation that wait or run; inside ``acting_in``."""
    runs = list(
        Run.objects.for_organisation(organisation_id)
        .filter(state__in=LIVE_STATES)
        .order_by("-created_at", "-pk")[: size + 1]
    )
    return _page(runs, size, programs=_programs(organisation_id, runs), names={})


def all_live_runs(organisation_id: UUID | None = None, *, size: int = LIVE_SHOWN) -> Page:
    """Return the runs that wait or run, of all organisations or of one, for operators; programs stay unnamed."""
    runs = list(Run.objects.raw("SELECT * FROM console_live_runs(%s, %s)", [organisation_id, size + 1]))
    return _page(runs, size, programs={}, names=organisation_names(run.organisation_id for run in runs))


def own_runs(organisation_id: UUID, wanted: Wanted, *, size: int = PAGE_RUNS) -> Page:
    """Return one organisation's ended runs; inside ``acting_in``."""
    found = Run.objects.for_organisation(organisation_id).filter(
        state__in=wanted.states, created_at__gt=timezone.now() - PERIODS[wanted.period]
    )
    if wanted.engine:
        found = found.filter(engine=wanted.engine)
    if wanted.request_id:
        found = found.filter(request_id=wanted.request_id)
    if wanted.before is not None:
        moment, number = wanted.before
        found = found.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=number))
    runs = list(found.order_by("-created_at", "-pk")[: size + 1])
    return _page(runs, size, programs=_programs(organisation_id, runs), names={})


def all_runs(wanted: Wanted, *, size: int = PAGE_RUNS) -> Page:
    """Return the ended runs of all organisations, or of the one that is wanted, for operators."""
    moment, number = wanted.before or (None, None)
    runs = list(
        Run.objects.raw(
            "SELECT * FROM console_runs(%s, %s::varchar[], %s, %s, %s, %s, %s, %s)",
            [
                wanted.organisation_id,
                [str(state) for state in wanted.states],
                wanted.engine,
                wanted.request_id,
                timezone.now() - PERIODS[wanted.period],
                moment,
                number,
                size + 1,
            ],
        )
    )
    return _page(runs, size, programs={}, names=organisation_names(run.organisation_id for run in runs))


def marked(run: Run) -> str:
    """Return the mark behind which a page of older runs begins."""
    return f"{run.created_at.isoformat().replace('+00:00', 'Z')}_{run.pk}"


def mark_of(text: str) -> tuple[datetime, UUID] | None:
    """Read a mark; None for anything else."""
    moment, _sign, number = text.partition("_")
    try:
        return datetime.fromisoformat(moment), UUID(number)
    except ValueError:
        return None


def _page(runs: list[Run], size: int, *, programs: dict[UUID, str], names: dict[UUID, Named]) -> Page:
    shown = runs[:size]
    rows = [
        Row(run, programs.get(run.principal_id, "") if run.principal_id else "", names.get(run.organisation_id))
        for run in shown
    ]
    return Page(rows, marked(shown[-1]) if len(runs) > size else "")


def _programs(organisation_id: UUID, runs: Iterable[Run]) -> dict[UUID, str]:
    """Return the names of keys and service accounts; people stay unnamed, so that nobody's data are read."""
    wanted: dict[str, set[UUID]] = {"key": set(), "service": set()}
    for run in runs:
        if run.principal_kind in wanted and run.principal_id:
            wanted[run.principal_kind].add(run.principal_id)
    found: dict[UUID, str] = {}
    if wanted["key"]:
        keys = ApiKey.objects.for_organisation(organisation_id).filter(pk__in=wanted["key"])
        found |= dict(keys.values_list("pk", "name"))
    if wanted["service"]:
        accounts = ServiceAccount.objects.for_organisation(organisation_id).filter(pk__in=wanted["service"])
        found |= dict(accounts.values_list("pk", "name"))
    return found
