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
from llmasos.inference import kinds, transit
from llmasos.inference.lifecycle import QUEUED_LEASE
from llmasos.inference.models import Run
from llmasos.inference.publishing import publish
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
    run_id = uuid4()
    envelope = {
        "principal": {
            "kind": principal.kind,
            "id": str(principal.id) if principal.id else None,
            "roles": sorted(principal.roles),
            "scopes": sorted(principal.scopes),
        },
        "payload": submission.payload,
    }
    transit.put_input(
        run_id,
        envelope,
        organisation_id=principal.organisation_id,
        engine=submission.engine,
        priority=submission.priority,
        demand=_demand(principal, submission, run_id),
    )
    try:
        run = _insert(principal, submission, run_id)
    except IntegrityError:
        _withdraw(run_id, principal.organisation_id, submission.engine)
        if submission.idempotency_key is None:
            raise
        first = _with_key(principal.organisation_id, submission.idempotency_key)
        if first is None:
            raise
        return first
    except BaseException:
        _withdraw(run_id, principal.organisation_id, submission.engine)
        raise
    return run.pk


def _demand(principal: Principal, submission: Submission, run_id: UUID) -> Demand:
    tokens = max(submission.size, submission.most_tokens) if submission.kind in kinds.MODEL_KINDS else None
    return demand_of(principal, run_id, tokens=tokens, deadline_seconds=submission.deadline_seconds, now=timezone.now())


def _insert(principal: Principal, submission: Submission, run_id: UUID) -> Run:
    created = timezone.now()
    run = Run(
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
        created_at=created,
        lease_expires_at=created + QUEUED_LEASE,
        deadline=created + timedelta(seconds=submission.deadline_seconds),
    )
    if submission.idempotency_key is None and not connection.in_atomic_block:
        _insert_volatile(run)
        publish(run)
        return run
    with acting_in(run.organisation_id):
        run.save(force_insert=True)
        transaction.on_commit(lambda: publish(run))
    return run


def _insert_volatile(run: Run) -> None:
    """Inserts a row that nothing refers to yet, in one message to the database, which makes it one transaction.

    It need not reach the disk before its work starts: after a power cut its caller is gone as well. The end of the
    run, with its audit entry, does wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, vars(run))


# The other columns have their defaults in the database.
_INSERT = """
SELECT set_config('synchronous_commit', 'off', true),
       set_config('llmasos.organisation', %(organisation_id)s::text, true);
INSERT INTO inference_run (
    id, organisation_id, principal_kind, principal_id, kind, engine, model, priority, size,
    created_at, lease_expires_at, deadline)
VALUES (
    %(id)s, %(organisation_id)s, %(principal_kind)s, %(principal_id)s, %(kind)s, %(engine)s, %(model)s, %(priority)s,
    %(size)s, %(created_at)s, %(lease_expires_at)s, %(deadline)s)
"""


def _with_key(organisation_id: UUID, key: str) -> UUID | None:
    with acting_in(organisation_id):
        return (
            Run.objects.for_organisation(organisation_id)
            .filter(idempotency_key=key)
            .values_list("pk", flat=True)
            .first()
        )


def _withdraw(run_id: UUID, organisation_id: UUID, engine: str) -> None:
    try:
        transit.forget(run_id, organisation_id=organisation_id, engine=engine, began=False)
    except UNREACHABLE:
        # The place is given back when its deadline passes, the input when its lifetime ends.
        return
