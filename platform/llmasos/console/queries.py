"""The state of the installation, for people who run it. Numbers, names and digests; nobody's text."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, F, Func, IntegerField, Min, Q
from django.utils import timezone

from llmasos.audit.queries import LogState
from llmasos.audit.types import PLATFORM
from llmasos.console.models import CheckState, LogCheck
from llmasos.inference.models import LIVE_STATES, Run
from llmasos.inference.queries import EngineState, QueueDepth
from llmasos.inference.transit import QUEUE_LIMITS
from llmasos.inference.valkey import UNREACHABLE, client
from llmasos.retrieval.models import WORKING_STATES, Collection, DocumentState
from llmasos.runtime.components import QUEUES

State = Literal["good", "caution", "bad", "idle", "busy"]

BUCKET = timedelta(minutes=2)
BUCKETS = 30
PROCESS_STARTED = timezone.now()


@dataclass(frozen=True, slots=True)
class Service:
    """A service that the platform stands on; ``milliseconds`` is one round trip, ``size`` bytes in use."""

    key: str
    state: State
    version: str = ""
    milliseconds: float | None = None
    size: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingTasks:
    """How many tasks a broker's queue holds."""

    queue: str
    depth: int


@dataclass(frozen=True, slots=True)
class Wait:
    """The live runs of one organisation on one engine in one state, and the age of the oldest in seconds."""

    organisation_id: UUID
    organisation: str
    engine: str
    priority: int
    state: str
    depth: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Filling:
    """How full an engine's queue is: live runs of all organisations, and how many it takes before it refuses more."""

    engine: str
    depth: int
    limit: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class RunFigures:
    """Runs of the last hour: counts, medians in milliseconds (None: nothing measured), and both over time.

    The series hold one value for each two minutes, oldest first, with None where nothing ran.
    """

    runs: int = 0
    failed: int = 0
    queue_ms: float | None = None
    prefill_ms: float | None = None
    decode_ms: float | None = None
    series: dict[str, list[float | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CollectionFigures:
    """One collection: its documents by how far they are, and the passages that search finds."""

    name: str
    ready: int
    working: int
    failed: int
    passages: int


@dataclass(frozen=True, slots=True)
class KnowledgeTotals:
    """The knowledge of all organisations together."""

    organisations: int
    collections: int
    passages: int


def services() -> tuple[Service, ...]:
    """Ask each service for a sign of life."""
    return (_database(), _valkey(), _web())


def _database() -> Service:
    began = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), pg_database_size(current_database()),"
                " pg_postmaster_start_time()"
            )
            version, size, started = cursor.fetchone()
    except DatabaseError:
        return Service("postgresql", "bad")
    return Service("postgresql", "good", str(version).split()[0], _milliseconds(began), int(size), started)


def _valkey() -> Service:
    began = time.perf_counter()
    try:
        client().ping()
        elapsed = _milliseconds(began)
        found: dict[str, Any] = client().info()
    except UNREACHABLE:
        return Service("valkey", "bad")
    started = timezone.now().replace(microsecond=0, second=0) - timedelta(
        seconds=int(found.get("uptime_in_seconds", 0)) // 60 * 60
    )
    version = str(found.get("valkey_version") or found.get("redis_version", ""))
    return Service("valkey", "good", version, elapsed, int(found.get("used_memory", 0)), started)


def _web() -> Service:
    version = f"Django {django.get_version()}, Python {platform.python_version()}"
    return Service("web", "good", version, since=PROCESS_STARTED)


def _milliseconds(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def waiting_tasks(engines: tuple[EngineState, ...]) -> tuple[WaitingTasks, ...]:
    """Return the depths of the broker's queues: those of every installation, and of other devices that reported."""
    reported = sorted(f"models.{state.engine}.{state.device}" for state in engines if state.engine != "echo")
    # A queue whose worker is gone is the one to look at.
    names = tuple(dict.fromkeys([*QUEUES, *reported]))
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("global_keyprefix", "")
    try:
        with client().pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.llen(f"{prefix}{name}")
            return tuple(WaitingTasks(name, int(depth)) for name, depth in zip(names, pipeline.execute(), strict=True))
    except UNREACHABLE:
        return ()


def waits() -> tuple[Wait, ...]:
    """Return the live runs of all organisations, the longest queues first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organisation_id, organisation, engine, priority, state, depth, oldest_seconds FROM console_queues()"
        )
        return tuple(Wait(*row) for row in cursor.fetchall())


def fillings(found: Sequence[Wait]) -> tuple[Filling, ...]:
    """Return how full each engine's queue is."""
    return tuple(
        Filling(
            engine,
            sum(wait.depth for wait in found if wait.engine == engine),
            limit,
            max((wait.oldest_seconds for wait in found if wait.engine == engine), default=0.0),
        )
        for engine, limit in QUEUE_LIMITS.items()
    )


def own_queue_depths(organisation_id: UUID) -> tuple[QueueDepth, ...]:
    """Return one organisation's live runs by engine, priority and state; inside ``acting_in``."""
    now = timezone.now()
    found = (
        Run.objects.for_organisation(organisation_id)
        .filter(state__in=LIVE_STATES)
        .values("engine", "priority", "state")
        .annotate(depth=Count("id"), oldest=Min("created_at"))
        .order_by("engine", "priority", "state")
    )
    return tuple(
        QueueDepth(row["engine"], row["priority"], row["state"], row["depth"], (now - row["oldest"]).total_seconds())
        for row in found
    )


def recent_runs(organisation_id: UUID | None = None) -> RunFigures:
    """Return the figures of the last hour, of one organisation or of all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT began, runs, failed, queue_ms, prefill_ms, decode_ms FROM console_recent_runs(%s)",
            [organisation_id],
        )
        rows = cursor.fetchall()
    total = next((row for row in rows if row[0] is None), (None, 0, 0, None, None, None))
    by_time = {row[0]: row for row in rows if row[0] is not None}
    last = _bucket(timezone.now())
    times = [last - BUCKET * back for back in range(BUCKETS - 1, -1, -1)]
    series: dict[str, list[float | None]] = {
        "runs": [float(by_time[at][1]) if at in by_time else 0.0 for at in times],
        "queue": [by_time[at][3] if at in by_time else None for at in times],
        "prefill": [by_time[at][4] if at in by_time else None for at in times],
        "decode": [by_time[at][5] if at in by_time else None for at in times],
    }
    return RunFigures(total[1], total[2], total[3], total[4], total[5], series)


def _bucket(moment: datetime) -> datetime:
    seconds = int(BUCKET.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, tz=moment.tzinfo)


def log_states() -> list[tuple[UUID | None, LogState]]:
    """Return every log's state, the installation's own first and under None; for operators."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organisation_id, seq, unsequenced, chain_hash, last_recorded_at FROM console_log_states()"
        )
        found = {
            row[0]: LogState(row[1], row[2], row[1], bytes(row[3] or b"").hex(), row[4]) for row in cursor.fetchall()
        }
    own = found.pop(PLATFORM, LogState(0, 0, 0, "", None))
    return [(None, own), *sorted(found.items(), key=lambda one: str(one[0]))]


def altered_logs() -> frozenset[UUID]:
    """Return the organisations whose log was not as it was written when last computed anew; for operators."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id FROM console_altered_logs()")
        return frozenset(row[0] for row in cursor.fetchall())


def unverified_logs(organisation_id: UUID | None = None) -> dict[UUID, datetime | None]:
    """Return when each log that nobody can vouch for now was last found as it was written (None: never).

    Those are the logs, of one organisation or of all, whose last verification broke off or is older than two days.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id, sound_at FROM console_unverified_logs(%s)", [organisation_id])
        return dict(cursor.fetchall())


def altered_places(organisation_id: UUID) -> int:
    """Return at how many places the last verification found the log altered; inside ``acting_in``."""
    found = LogCheck.objects.for_organisation(organisation_id).filter(state=CheckState.DONE).order_by("-asked_at")
    # Drawn with every page: a report may hold very many.
    places = Func(F("report__faults"), function="jsonb_array_length", output_field=IntegerField())
    return found.values_list(places, flat=True).first() or 0


def knowledge(organisation_id: UUID) -> tuple[CollectionFigures, ...]:
    """Return one organisation's collections by name; inside ``acting_in``."""
    present = Q(documents__deleted_at=None)
    found = (
        Collection.objects.for_organisation(organisation_id)
        .annotate(
            ready=Count("documents", filter=present & Q(documents__state=DocumentState.READY)),
            working=Count("documents", filter=present & Q(documents__state__in=WORKING_STATES)),
            failed=Count("documents", filter=present & Q(documents__state=DocumentState.FAILED)),
        )
        .order_by("name")
        .values_list("name", "ready", "working", "failed", "chunk_count")
    )
    return tuple(CollectionFigures(*row) for row in found)


def knowledge_totals() -> KnowledgeTotals:
    """Return the totals of all organisations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisations, collections, passages FROM console_knowledge_totals()")
        return KnowledgeTotals(*cursor.fetchone())
