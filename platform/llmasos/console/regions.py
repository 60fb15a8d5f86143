"""The console's page in regions, each with a digest, so that a live page exchanges only what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from llmasos.audit.queries import LogState, log_state
from llmasos.console import queries
from llmasos.console.names import Named, organisation_names
from llmasos.console.queries import Service, State
from llmasos.inference.queries import EngineState, ModelView, QueueDepth, engines, models, queue_depths
from llmasos.inference.valkey import is_away

OLD_SECONDS = 30.0
UNSEQUENCED_SECONDS = 10.0
TASKS = ("embed", "generate")
LOGS_SHOWN = 20
ALL_LOGS_SHOWN = 200
WAITS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the page that changes on its own."""

    key: str
    html: SafeString

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.html.encode()).hexdigest()[:12]

    @property
    def seen(self) -> str:
        return f"{self.key}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that somebody should look at."""

    state: State
    text: str


def region(key: str, context: dict[str, Any]) -> Region:
    """Render a part of a page. ``unknown``: what Valkey alone knows cannot be told now."""
    context = {**context, "unknown": is_away()}
    return Region(key, mark_safe(render_to_string(f"console/regions/{key}.html", context)))  # noqa: S308


def changed(regions: Iterable[Region], seen: Iterable[str]) -> list[Region]:
    """Return the regions that a page with these digests does not show yet."""
    known = set(seen)
    return [part for part in regions if part.seen not in known]


def platform_regions() -> list[Region]:
    """Return the whole installation's state for its operators."""
    services, workers, depths = queries.services(), engines(), queue_depths()
    logs = queries.log_states()
    altered, unverified = len(queries.altered_logs()), queries.unverified_logs().values()
    states = [state for _id, state in logs]
    return [
        region("now", {"attention": attention(services, workers, depths, states, altered, unverified)}),
        region("services", {"services": services}),
        region("workers", {"workers": workers, "with_load": True}),
        region("queues", {"depths": depths, "tasks": queries.waiting_tasks(workers)}),
        region("runs", {"figures": queries.recent_runs()}),
        region("models", {"models": models_with_digests(workers)}),
        region("knowledge_totals", {"totals": queries.knowledge_totals()}),
        region("logs", {"logs": _named(logs[:LOGS_SHOWN]), "left_out": max(0, len(logs) - LOGS_SHOWN)}),
    ]


def organisation_regions(organisation_id: UUID) -> list[Region]:
    """Return one organisation's state for its administrators; inside ``acting_in``."""
    services, workers = queries.services(), engines()
    depths, log = queries.own_queue_depths(organisation_id), log_state(organisation_id)
    altered = int(queries.altered_places(organisation_id) > 0)
    unverified = queries.unverified_logs(organisation_id).values()
    return [
        region("now", {"attention": attention(services, workers, depths, [log], altered, unverified)}),
        region("runs", {"figures": queries.recent_runs(organisation_id)}),
        region("queues", {"depths": depths, "own": True}),
        region("workers", {"workers": workers, "with_load": False}),
        region("models", {"models": models_with_digests(workers)}),
        region("log", {"log": log}),
        region("knowledge", {"collections": queries.knowledge(organisation_id)}),
    ]


def queue_regions() -> list[Region]:
    """Return what waits, by organisation and by queue, for operators."""
    waits = queries.waits()
    tasks = queries.waiting_tasks(engines())
    context = {"waits": waits[:WAITS_SHOWN], "left_out": max(0, len(waits) - WAITS_SHOWN)}
    return [
        region("queue_runs", {"fillings": queries.fillings(waits)}),
        region("queue_organisations", context),
        region("queue_tasks", {"tasks": tasks}),
    ]


def log_regions() -> list[Region]:
    """Return how every log stands, for operators."""
    logs = queries.log_states()
    rows = _named(logs)
    altered, unverified = queries.altered_logs(), queries.unverified_logs()
    context = {
        "rows": rows[:ALL_LOGS_SHOWN],
        "left_out": max(0, len(rows) - ALL_LOGS_SHOWN),
        "late": [row for row in rows if is_late(row[2])],
        "altered": {str(organisation_id) for organisation_id in altered},
        "altered_words": altered_words(len(altered)),
        "unverified": {str(organisation_id) for organisation_id in unverified},
        "unverified_words": unverified_words(unverified.values()),
    }
    return [region("all_logs", context)]


def _named(logs: Iterable[tuple[UUID | None, LogState]]) -> list[tuple[Named | None, str, LogState]]:
    """Return logs with the organisation that each is of, and its id where there is no such organisation any more."""
    rows = list(logs)
    names = organisation_names(found for found, _state in rows if found)
    return [(names.get(found) if found else None, str(found or ""), state) for found, state in rows]


def models_with_digests(workers: Iterable[EngineState]) -> list[tuple[ModelView, str]]:
    """Return the catalogue, each model with the digest of the weights that a worker holds, else the expected one."""
    loaded = digests_held(workers)
    return [(model, loaded.get(model.name) or model.digest) for model in models(workers)]


def digests_held(workers: Iterable[EngineState]) -> dict[str, str]:
    """Return the digests of the weights that workers hold: that of a folder is known once one has loaded it."""
    return {str(model["name"]): str(model["digest"]) for worker in workers for model in worker.models}


def is_late(log: LogState) -> bool:
    """Say whether entries of a log have waited for their position for too long."""
    late = timezone.now() - timedelta(seconds=UNSEQUENCED_SECONDS)
    return bool(log.unsequenced and log.last_recorded_at and log.last_recorded_at < late)


def attention(
    services: Iterable[Service],
    workers: Iterable[EngineState],
    depths: Iterable[QueueDepth],
    logs: Iterable[LogState],
    altered: int = 0,
    unverified: Collection[datetime | None] = (),
) -> list[Attention]:
    """Return what is wrong, worst first; nothing when all is well.

    ``altered`` logs are not as they were written; ``unverified`` says when each log that nobody can vouch for was last
    found as it was written.
    """
    silent = [service.key for service in services if service.state == "bad"]
    found = [Attention("bad", _("%(service)s does not answer.") % {"service": NAMES.get(key, key)}) for key in silent]
    if altered:
        found.append(Attention("bad", altered_words(altered)))
    if "valkey" in silent:
        found.append(Attention("bad", _("Until Valkey is back, nothing can be asked of the models.")))
    else:
        alive = {worker.engine for worker in workers if worker.alive}
        words = {
            "embed": _("No worker embeds text: search and answers wait."),
            "generate": _("No worker generates text: answers quote their sources without wording."),
        }
        found += [Attention("bad", words[task]) for task in TASKS if not alive & {task, "echo"}]
    if any(depth.oldest_seconds > OLD_SECONDS for depth in depths):
        found.append(Attention("caution", _("A run has been under way for more than half a minute.")))
    if unverified:
        found.append(Attention("caution", unverified_words(unverified)))
    if any(is_late(log) for log in logs):
        found.append(Attention("caution", _("The log’s entries wait for their position: does the control worker run?")))
    return found


def altered_words(count: int) -> str:
    """Return what is said of so many logs that are not as they were written."""
    text = ngettext(
        "%(count)d audit log is not as it was written: its page “Verification” says where.",
        "%(count)d audit logs are not as they were written: their pages “Verification” say where.",
        count,
    )
    return text % {"count": count}


def unverified_words(sound: Collection[datetime | None]) -> str:
    """Return what is said of logs that nobody can vouch for, last found as written at these times; of none, nothing."""
    if not sound:
        return ""
    text = ngettext(
        "%(count)d audit log was not verified to its end in two days, or its last verification broke off: nobody knows "
        "whether it is as it was written.",
        "%(count)d audit logs were not verified to their end in two days, or the last verification broke off: nobody "
        "knows whether they are as they were written.",
        len(sound),
    )
    known = [moment for moment in sound if moment is not None]
    if len(known) < len(sound):
        last = ngettext("It was never found as written.", "Some were never found as written.", len(sound))
    else:
        last = _("Last found as written: %(moment)s.") % {
            "moment": date_format(timezone.localtime(min(known)), "DATETIME_FORMAT")
        }
    return f"{text % {'count': len(sound)}} {last}"


NAMES = {"postgresql": "PostgreSQL", "valkey": "Valkey", "web": "Web"}
