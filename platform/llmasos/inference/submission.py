"""Starting a run: a place in the queue, a row, and a short task once the row is committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.context import current
from llmasos.inference import kinds, lifecycle, publishing, transit
from llmasos.inference.lifecycle import QUEUED_LEASE
from llmasos.inference.models import Run
from llmasos.inference.quotas.counting import Demand, demand_of
from llmasos.inference.types import Priority
from llmasos.inference.valkey import UNREACHABLE


@dataclass(frozen=True, slots=True)
class Submission:
    """A run to be started. `size` is an estimate in tokens of what goes in, `most_tokens` of what it takes at most."""

    kind: str
    engine: str
    payload: Mapping[str, Any]
    model: str = ""
    size: int = 0
    most_tokens: int = 0
    priority: Priority = Priority.INTERACTIVE
    deadline_seconds: float = 60.0
    idempotency_key: str | None = None


def submit(principal: Principal, submission: Submission) -> UUID:
    """Starts a run and returns its id; with a known idempotency key, the id of the run that has it.

    Joins the caller's transaction if there is one: the run is then published when that commits, or
    not at all. Raises Overloaded, QuotaExceeded or ModelUnavailable before anything is stored.
    """
    if submission.idempotency_key is not None:
        present = _with_key(principal.organisation_id, submission.idempotency_key)
        if present is not None:
            return present
    run = _new(principal, submission, uuid4())
    _put(principal, submission, run)
    try:
        _insert(submission, run)
    except IntegrityError:
        _withdraw(run)
        if submission.idempotency_key is None:
            raise
        first = _with_key(principal.organisation_id, submission.idempotency_key)
        if first is None:
            raise
        return first
    except BaseException:
        _withdraw(run)
        raise
    return run.pk


def _demand(principal: Principal, submission: Submission, run_id: UUID) -> Demand:
    tokens = max(submission.size, submission.most_tokens) if submission.kind in kinds.MODEL_KINDS else None
    return demand_of(principal, run_id, tokens=tokens, deadline_seconds=submission.deadline_seconds, now=timezone.now())


def announce(principal: Principal, submission: Submission) -> Run:
    """Start a run whose caller waits for it and still has its text: it is announced to the engine, and has no row yet.

    The engine enters its row, at the latest when it ends, together with the audit entry; the caller enters it
    (``lifecycle.enter``) where nothing is heard for a second, and from then on it is a run like others. Raises as
    `submit` does.
    """
    run = _new(principal, submission, uuid4())
    _put(principal, submission, run, announced=True)
    return run


def _put(principal: Principal, submission: Submission, run: Run, *, announced: bool = False) -> None:
    demand = _demand(principal, submission, run.pk)
    envelope = {
        "principal": {
            "kind": principal.kind,
            "id": str(principal.id) if principal.id else None,
            "roles": sorted(principal.roles),
            "scopes": sorted(principal.scopes),
        },
        "payload": submission.payload,
        "request_id": run.request_id,
    }
    transit.put_input(
        run.pk,
        envelope,
        organisation_id=principal.organisation_id,
        engine=submission.engine,
        priority=submission.priority,
        demand=demand,
        announced=publishing.announcement_of(run) if announced else None,
    )


def _new(principal: Principal, submission: Submission, run_id: UUID) -> Run:
    created = timezone.now()
    return Run(
        id=run_id,
        organisation_id=principal.organisation_id,
        principal_kind=principal.kind,
        principal_id=principal.id,
        kind=submission.kind,
        engine=submission.engine,
        model=submission.model,
        priority=int(submission.priority),
        size=submission.size,
        idempotency_key=submission.idempotency_key,
        request_id=current().request_id,
        created_at=created,
        lease_expires_at=created + QUEUED_LEASE,
        deadline=created + timedelta(seconds=submission.deadline_seconds),
    )


def _insert(submission: Submission, run: Run) -> None:
    if submission.idempotency_key is None and not connection.in_atomic_block:
        lifecycle.enter(run)
        publishing.announce(run)
        return
    with acting_in(run.organisation_id):
        run.save(force_insert=True)
        transaction.on_commit(lambda: publishing.announce(run))


def _with_key(organisation_id: UUID, key: str) -> UUID | None:
    with acting_in(organisation_id):
        return (
            Run.objects.for_organisation(organisation_id)
            .filter(idempotency_key=key)
            .values_list("pk", flat=True)
            .first()
        )


def _withdraw(run: Run) -> None:
    try:
        transit.forget(run.pk, organisation_id=run.organisation_id, engine=run.engine, began=False)
    except UNREACHABLE:
        # The place is given back when its deadline passes, the input when its lifetime ends.
        return
