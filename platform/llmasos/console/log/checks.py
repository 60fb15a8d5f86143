"""Verifying the log from the page: a job, since a long log takes longer than a page should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest
from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.queries import organisation_ids
from llmasos.accounts.tenancy import acting_in
from llmasos.audit import queries
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref
from llmasos.audit.verification import verify
from llmasos.console.log.access import log_view, record_reading
from llmasos.console.log.progress import last_progress, note_progress
from llmasos.console.models import CheckState, LogCheck
from llmasos.console.queries import unverified_logs
from llmasos.console.regions import unverified_words

logger = structlog.get_logger(__name__)

FAULTS = {
    "changed": gettext_lazy("Changed"),
    "deleted": gettext_lazy("Deleted"),
    "inserted": gettext_lazy("Inserted"),
    "reordered": gettext_lazy("Put in another order"),
    "cut_tail": gettext_lazy("End cut off"),
    "log_missing": gettext_lazy("Whole log gone"),
    "fork": gettext_lazy("Two entries in one place"),
    "rebuilt": gettext_lazy("Rebuilt from scratch"),
    "payload_swapped": gettext_lazy("Sealed text exchanged"),
    "clock_back": gettext_lazy("Clock set back"),
    "checkpoint_missing": gettext_lazy("Checkpoint gone"),
}
_FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault in words; ``since`` is None where nothing intact lies before it."""

    kind: str
    from_seq: int
    to_seq: int
    since: Any


def last_check(organisation_id: UUID) -> LogCheck | None:
    """Return the newest check; inside ``acting_in``."""
    return LogCheck.objects.for_organisation(organisation_id).order_by("-asked_at").first()


def ask(principal: Principal) -> LogCheck:
    """Have the organisation's log verified; while a check is under way, return that one. The view checks who asks."""
    organisation_id = principal.organisation_id
    with acting_in(organisation_id):
        running = last_check(organisation_id)
        if running is not None and running.is_under_way:
            return running
        state = queries.log_state(organisation_id)
        check = LogCheck.objects.create(organisation_id=organisation_id, total=state.entries, asked_by_id=principal.id)
        transaction.on_commit(lambda: _queue(check))
    return check


def ask_everywhere() -> None:
    """Have every organisation's log verified, on the platform's own account."""
    for organisation_id in organisation_ids():
        try:
            ask(system_principal(organisation_id))
        except Exception:
            # The others' logs are verified all the same; this one's silence shows as a warning.
            logger.exception("log_check_not_asked", organisation=str(organisation_id))


def run(organisation_id: UUID, check_id: UUID) -> None:
    """Verify, and keep and record what was found."""
    with acting_in(organisation_id):
        check = LogCheck.objects.for_organisation(organisation_id).filter(pk=check_id).first()
        if check is None or (check.state != CheckState.QUEUED and not check.is_lost):
            return
        # The broker hands a long task out again: only one takes it, and another only once the first was lost.
        seen = LogCheck.objects.for_organisation(organisation_id).filter(
            pk=check_id, state=check.state, started_at=check.started_at
        )
        check.state, check.started_at = CheckState.RUNNING, timezone.now()
        if not seen.update(state=check.state, started_at=check.started_at):
            return
    try:
        found = verify(organisation_id, progress=lambda done: note_progress(check_id, done))
        report, outcome = found.as_json(), CheckState.DONE
    except Exception:
        logger.exception("log_check_failed", check=str(check_id))
        report, outcome = {}, CheckState.FAILED
    with acting_in(organisation_id):
        check.state, check.report, check.finished_at = outcome, report, timezone.now()
        check.save(update_fields=["state", "report", "finished_at"])
        record(
            organisation_id=organisation_id,
            actor=Actor("person", check.asked_by_id) if check.asked_by_id else Actor("system"),
            action="audit.verified",
            object=Ref("log", organisation_id),
            outcome="success" if report.get("ok") else "failure",
            digests={"entries": report.get("entries", 0), "faults": len(report.get("faults", []))},
        )


def faults_of(check: LogCheck) -> list[FaultRow]:
    """Return a finished check's faults, the first of them."""
    return [
        FaultRow(
            kind=str(FAULTS.get(fault["kind"], fault["kind"])),
            from_seq=fault["from_seq"],
            to_seq=fault["to_seq"],
            since=parse_datetime(fault["since"]) if fault["since"] else None,
        )
        for fault in check.report.get("faults", [])[:_FAULTS_SHOWN]
    ]


def progress_of(check: LogCheck) -> int:
    """Return how many entries a running check has been through, as far as its worker said."""
    return min(last_progress(check.pk)[0], check.total)


def _queue(check: LogCheck) -> None:
    from llmasos.console.tasks import check_log

    check_log.delay(str(check.organisation_id), str(check.pk))


def _start(request: MemberRequest) -> HttpResponse:
    ask(request.principal)
    return redirect("audit:check", request.organisation.slug)


def _show(request: MemberRequest) -> HttpResponse:
    check = last_check(request.organisation.pk)
    is_part = bool(request.headers.get("HX-Request"))
    if not is_part:
        record_reading(request, page="check")
    context = {
        "check": check,
        "done": progress_of(check) if check is not None and check.is_under_way else 0,
        "faults": faults_of(check) if check is not None else [],
        "unverified": unverified_words(unverified_logs(request.organisation.pk).values()),
        "found": len(check.report.get("faults", [])) if check is not None else 0,
    }
    return render(request, f"console/log/{'check_state' if is_part else 'check'}.html", context)


start = require_POST(log_view(_start))
show = require_safe(log_view(_show))
