"""Ending or publishing again what nobody works on any more."""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from llmasos.inference import lifecycle, transit
from llmasos.inference.lifecycle import LEASE_SECONDS, Ending
from llmasos.inference.models import LIVE_STATES, Run, RunState
from llmasos.inference.publishing import publish
from llmasos.inference.valkey import UNREACHABLE
from llmasos.inference.writing import write_terminal

logger = logging.getLogger(__name__)


def expire_runs(*, limit: int = 200) -> int:
    """Settles lapsed runs of all organisations; how many were ended or published again."""
    return sum(settle(run_id, organisation_id) for run_id, organisation_id in lifecycle.lapsed_runs(limit=limit))


def settle(run_id: UUID, organisation_id: UUID) -> bool:
    """Ends one lapsed run with one clear event, or publishes it again where nothing of it has begun.

    Safe to call by many at once: each change is a compare-and-set. True when this call changed something.
    """
    with acting_in(organisation_id):
        run = Run.objects.for_organisation(organisation_id).filter(pk=run_id, state__in=LIVE_STATES).first()
    if run is None:
        return False
    now = timezone.now()
    overdue = run.deadline <= now
    if run.state == RunState.RUNNING and run.lease_expires_at > now:
        # Its worker is there, and alone knows what the run has taken until now.
        return False
    try:
        shown = transit.has_shown(run_id)
        if run.state == RunState.QUEUED and not overdue:
            if transit.has_input(run_id):
                return _wait_on(run)
            if transit.taken_seconds_ago(run_id) < LEASE_SECONDS:
                # A worker has it and had no time yet for its first heartbeat.
                return False
    except UNREACHABLE:
        # What Valkey holds decides whether there is something to publish; an overdue run ends anyway.
        if not overdue:
            return False
        shown = run.shown
    ending = _ending(run, shown=shown)
    ended = lifecycle.end(
        run_id=run_id,
        organisation_id=organisation_id,
        token=None,
        ending=ending,
        expect=(run.state,),
        only_if_lapsed=True,
    )
    if ended is None:
        return False
    announce_end(ended)
    return True


def abandon(run_id: UUID, organisation_id: UUID) -> bool:
    """Ends a run that has not begun and whose worker is gone; False when somebody has taken or ended it."""
    ended = lifecycle.end(
        run_id=run_id,
        organisation_id=organisation_id,
        token=None,
        ending=Ending(RunState.FAILED, error_code="worker_lost", retryable=True),
        expect=(RunState.QUEUED,),
    )
    if ended is not None:
        announce_end(ended)
    return ended is not None


def _wait_on(run: Run) -> bool:
    """Lets a queued run wait on; published again while it may just have been missed."""
    found = lifecycle.extend_queued_lease(run_id=run.pk, organisation_id=run.organisation_id)
    if found is None:
        return False
    again, publishes = found
    if publishes:
        publish(again)
    return publishes


def announce_end(run: Run) -> None:
    """Writes the terminal entry of a run that ended in its row without its worker, and frees its place."""
    data: dict[str, object] = {"finish_reason": run.finish_reason or run.state, "usage": {}}
    if run.error_code:
        data["finish_reason"] = "error"
        data["error"] = {"code": run.error_code, "retryable": run.retryable}
    try:
        transit.forget(
            run.pk,
            organisation_id=run.organisation_id,
            engine=run.engine,
            tokens=run.prompt_tokens + run.completion_tokens,
        )
        write_terminal(run.pk, run.attempts, run.state, data)
    except UNREACHABLE:
        # Readers ask the row when the stream is silent, so they learn of the end all the same.
        logger.warning("an ended run could not be announced", extra={"run": str(run.pk)})


def _ending(run: Run, *, shown: bool) -> Ending:
    """How a run ends on which nobody works: what it took of its model is lost with its worker, and costs nothing."""
    if run.cancel_requested_at is not None:
        return Ending(RunState.CANCELLED, finish_reason="cancelled", shown=shown)
    if run.deadline <= timezone.now():
        return Ending(RunState.FAILED, error_code="deadline_exceeded", retryable=True, shown=shown)
    code = "worker_lost" if run.state == RunState.RUNNING or run.deliveries > 1 else "input_lost"
    return Ending(RunState.FAILED, error_code=code, retryable=True, shown=shown)
