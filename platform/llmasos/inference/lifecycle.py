"""The life of a run's row: made, claimed, ended. Every change is a compare-and-set in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record, record_if
from llmasos.audit.types import Actor, Ref
from llmasos.inference.models import Run, RunState
from llmasos.inference.types import Usage

LEASE_SECONDS = 3.0
"""How long a run may go without a heartbeat before it counts as lost."""
QUEUED_LEASE_SECONDS = 4.0
"""How long a published run may wait for a worker's first sign before it is published again."""
QUEUED_LEASE = timedelta(seconds=QUEUED_LEASE_SECONDS)
MAX_DELIVERIES = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """What an attempt learns when it has won a run."""

    attempt: int
    created_at: datetime
    deadline: datetime
    cancel_requested: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends: a terminal state, and what goes into its row and audit entry."""

    state: str
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = ""
    error_code: str = ""
    retryable: bool = False
    model: str = ""
    model_digest: str = ""
    shown: bool = False
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """A run as its readers need it; `lapsed` says that nobody works on it any more."""

    id: UUID
    organisation_id: UUID
    state: str
    attempts: int
    lapsed: bool
    error_code: str
    retryable: bool
    finish_reason: str
    usage: Usage
    model: str
    model_digest: str

    @property
    def live(self) -> bool:
        return self.state in (RunState.QUEUED, RunState.RUNNING)


def enter(run: Run) -> None:
    """Enter a new run's row, unless it is there, in one message to the database, which makes it one transaction.

    It need not reach the disk before its work starts: after a power cut its caller is gone as well. The end of the
    run, with its audit entry, does wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, vars(run))


# The other columns have their defaults in the database.
_ENTER = """
SELECT set_config('synchronous_commit', 'off', true),
       set_config('llmasos.organisation', %(organisation_id)s::text, true);
INSERT INTO inference_run (
    id, organisation_id, principal_kind, principal_id, kind, engine, model, priority, size, request_id,
    created_at, lease_expires_at, deadline)
VALUES (
    %(id)s, %(organisation_id)s, %(principal_kind)s, %(principal_id)s, %(kind)s, %(engine)s, %(model)s, %(priority)s,
    %(size)s, %(request_id)s, %(created_at)s, %(lease_expires_at)s, %(deadline)s)
ON CONFLICT (id) DO NOTHING
"""


def enter_claimed(run: Run, *, token: UUID) -> Claim | None:
    """`claim` for a run that may have no row yet: it is entered as claimed."""
    return _claim(_ENTER_CLAIMED, {**vars(run), "token": token, "lease": LEASE_SECONDS})


def claim(*, run_id: UUID, organisation_id: UUID, token: UUID) -> Claim | None:
    """Takes a queued run for one attempt. None when another attempt has it or it has ended."""
    values = {"id": run_id, "organisation_id": organisation_id, "token": token, "lease": LEASE_SECONDS}
    return _claim(_CLAIM, values)


def _claim(statement: str, values: Mapping[str, Any]) -> Claim | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        # The driver keeps the results of both statements; the second one holds the row.
        while cursor.nextset():
            continue
        row = cursor.fetchone()
    return Claim(*row) if row else None


# In one message, which makes it one transaction. Losing a claim in a crash of the database costs a lapsed lease, not a
# wrong result.
_CLAIM = """
SELECT set_config('synchronous_commit', 'off', true),
       set_config('llmasos.organisation', %(organisation_id)s::text, true);
UPDATE inference_run SET state = 'running', attempts = attempts + 1, attempt_token = %(token)s,
    started_at = now(), heartbeat_at = now(), lease_expires_at = now() + make_interval(secs => %(lease)s)
WHERE id = %(id)s AND organisation_id = %(organisation_id)s
  AND (state = 'queued' OR (state = 'running' AND attempt_token = %(token)s))
RETURNING attempts, created_at, deadline, cancel_requested_at IS NOT NULL
"""
_ENTER_CLAIMED = """
SELECT set_config('synchronous_commit', 'off', true),
       set_config('llmasos.organisation', %(organisation_id)s::text, true);
INSERT INTO inference_run AS run (
    id, organisation_id, principal_kind, principal_id, kind, engine, model, priority, size, request_id,
    created_at, deadline, state, attempts, attempt_token, started_at, heartbeat_at, lease_expires_at)
VALUES (
    %(id)s, %(organisation_id)s, %(principal_kind)s, %(principal_id)s, %(kind)s, %(engine)s, %(model)s, %(priority)s,
    %(size)s, %(request_id)s, %(created_at)s, %(deadline)s, 'running', 1, %(token)s, now(), now(),
    now() + make_interval(secs => %(lease)s))
ON CONFLICT (id) DO UPDATE SET state = 'running', attempts = run.attempts + 1, attempt_token = EXCLUDED.attempt_token,
    started_at = now(), heartbeat_at = now(), lease_expires_at = EXCLUDED.lease_expires_at
WHERE run.state = 'queued' OR (run.state = 'running' AND run.attempt_token = EXCLUDED.attempt_token)
RETURNING attempts, created_at, deadline, cancel_requested_at IS NOT NULL
"""


def end(
    *,
    run_id: UUID,
    organisation_id: UUID,
    token: UUID | None,
    ending: Ending,
    expect: Sequence[str] = (RunState.RUNNING,),
    within: Callable[[], None] | None = None,
    only_if_lapsed: bool = False,
) -> Run | None:
    """Ends a run and writes its audit entry in one transaction; None when somebody else ended it.

    `token` must be the row's attempt token unless it is None. `within` runs inside the transaction
    after the change, so that an application stores its result with it or not at all.
    """
    with acting_in(organisation_id):
        values = _values(run_id, organisation_id, token, ending, expect, only_if_lapsed=only_if_lapsed)
        ended: list[Run] = list(Run.objects.raw(_END, values))
        if not ended:
            return None
        if within is not None:
            within()
        record_call(ended[0], digests=ending.digests)
    return ended[0]


def end_at_once(
    *,
    run_id: UUID,
    organisation_id: UUID,
    token: UUID | None,
    ending: Ending,
    expect: Sequence[str],
    kind: str,
    actor: Actor,
) -> bool:
    """`end` in one message to the database, for a worker that knows the run's kind, its actor and its model.

    Not inside a transaction. False when somebody else ended the run.
    """
    return record_if(
        _END,
        _values(run_id, organisation_id, token, ending, expect, only_if_lapsed=False),
        organisation_id=organisation_id,
        actor=actor,
        action="inference.model_call",
        object=Ref("run", run_id),
        purpose=kind,
        outcome="failure" if ending.state == RunState.FAILED else "success",
        digests=_bound(ending.model_digest, ending.digests),
    )


def enter_ended(run: Run, *, ending: Ending, actor: Actor) -> bool:
    """Enter the row of a run that has ended, with its audit entry, in one message to the database.

    Where its caller entered it meanwhile, that row ends. Not inside a transaction. False when somebody else ended it.
    """
    values = _values(run.pk, run.organisation_id, None, ending, (), only_if_lapsed=False)
    return record_if(
        _ENTER_ENDED,
        {**vars(run), **values},
        organisation_id=run.organisation_id,
        actor=actor,
        action="inference.model_call",
        object=Ref("run", run.pk),
        purpose=run.kind,
        outcome="failure" if ending.state == RunState.FAILED else "success",
        digests=_bound(ending.model_digest, ending.digests),
    )


def _values(
    run_id: UUID,
    organisation_id: UUID,
    token: UUID | None,
    ending: Ending,
    expect: Sequence[str],
    *,
    only_if_lapsed: bool,
) -> dict[str, Any]:
    usage = ending.usage
    return {
        "run": run_id,
        "organisation": organisation_id,
        "token": token,
        "expect": list(expect),
        "lapsed": only_if_lapsed,
        "state": ending.state,
        "finish_reason": ending.finish_reason,
        "error_code": ending.error_code,
        "retryable": ending.retryable,
        "shown": ending.shown,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "queue_ms": usage.queue_ms,
        "prefill_ms": usage.prefill_ms,
        "decode_ms": usage.decode_ms,
        "model": ending.model,
        "digest": ending.model_digest,
    }


# The whole compare-and-set is one statement: it is on the way of every answer.
_END = """
UPDATE inference_run SET
    state = %(state)s, finished_at = now(), finish_reason = %(finish_reason)s, error_code = %(error_code)s,
    retryable = %(retryable)s, shown = shown OR %(shown)s, attempts = greatest(attempts, 1),
    prompt_tokens = %(prompt_tokens)s, completion_tokens = %(completion_tokens)s, queue_ms = %(queue_ms)s,
    prefill_ms = %(prefill_ms)s, decode_ms = %(decode_ms)s,
    model = coalesce(nullif(%(model)s, ''), model), model_digest = coalesce(nullif(%(digest)s, ''), model_digest)
WHERE id = %(run)s AND organisation_id = %(organisation)s AND state = ANY (%(expect)s)
  AND (%(token)s::uuid IS NULL OR attempt_token = %(token)s::uuid)
  AND (NOT %(lapsed)s OR lease_expires_at < now() OR deadline < now())
RETURNING *
"""


_ENTER_ENDED = """
INSERT INTO inference_run AS run (
    id, organisation_id, principal_kind, principal_id, kind, engine, priority, size, attempts,
    request_id, created_at, started_at, lease_expires_at, deadline, state, finished_at, finish_reason, error_code,
    retryable, shown, prompt_tokens, completion_tokens, queue_ms, prefill_ms, decode_ms, model, model_digest)
VALUES (
    %(id)s, %(organisation_id)s, %(principal_kind)s, %(principal_id)s, %(kind)s, %(engine)s, %(priority)s, %(size)s, 1,
    %(request_id)s, %(created_at)s, %(created_at)s, %(lease_expires_at)s, %(deadline)s, %(state)s, now(),
    %(finish_reason)s, %(error_code)s, %(retryable)s, %(shown)s, %(prompt_tokens)s, %(completion_tokens)s, %(queue_ms)s,
    %(prefill_ms)s, %(decode_ms)s, %(model)s, %(digest)s)
ON CONFLICT (id) DO UPDATE SET
    state = EXCLUDED.state, finished_at = EXCLUDED.finished_at, finish_reason = EXCLUDED.finish_reason,
    error_code = EXCLUDED.error_code, retryable = EXCLUDED.retryable, shown = EXCLUDED.shown, attempts = 1,
    prompt_tokens = EXCLUDED.prompt_tokens, completion_tokens = EXCLUDED.completion_tokens,
    queue_ms = EXCLUDED.queue_ms, prefill_ms = EXCLUDED.prefill_ms, decode_ms = EXCLUDED.decode_ms,
    model = EXCLUDED.model, model_digest = EXCLUDED.model_digest
WHERE run.state = 'queued'
RETURNING *
"""


def record_call(run: Run, *, digests: Mapping[str, str]) -> None:
    """Writes the audit entry of a model call: which model, digests of prompt and output, never text."""
    record(
        organisation_id=run.organisation_id,
        actor=Actor(kind=run.principal_kind, id=run.principal_id),
        action="inference.model_call",
        object=Ref("run", run.pk),
        purpose=run.kind,
        outcome="failure" if run.state == RunState.FAILED else "success",
        digests=_bound(run.model_digest, digests),
    )


def _bound(model_digest: str, digests: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {"model": model_digest, **digests}.items() if value}


def extend_queued_lease(*, run_id: UUID, organisation_id: UUID) -> tuple[Run, bool] | None:
    """Gives a queued run whose lease lapsed a new one; the run, and whether it is to be published again.

    One that was delivered often enough only goes on waiting for its worker until its deadline: without a good lease
    it would count as lost in the moment between a worker's taking its input and that worker's first heartbeat.
    None when it is no longer queued, or its lease is good.
    """
    with acting_in(organisation_id):
        now = timezone.now()
        run = (
            Run.objects.for_organisation(organisation_id)
            .filter(pk=run_id, state=RunState.QUEUED, lease_expires_at__lt=now, deadline__gt=now)
            .select_for_update()
            .first()
        )
        if run is None:
            return None
        again = run.deliveries < MAX_DELIVERIES
        run.lease_expires_at = now + QUEUED_LEASE
        run.deliveries += again
        run.save(update_fields=["lease_expires_at", "deliveries"])
    return run, again


def request_cancel(*, run_id: UUID, organisation_id: UUID, within: Callable[[], None]) -> bool:
    """Notes on a running run that it should stop, with `within` in the same transaction; True where it was."""
    with acting_in(organisation_id):
        changed = (
            Run.objects.for_organisation(organisation_id)
            .filter(pk=run_id, state=RunState.RUNNING, cancel_requested_at=None)
            .update(cancel_requested_at=timezone.now())
        )
        if changed:
            within()
    return bool(changed)


def renew_leases(held: Sequence[tuple[UUID, UUID | None, bool]]) -> dict[UUID, bool]:
    """Renews the leases of (run, attempt token, shown); the runs still held, and whether to cancel each."""
    if not held:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, cancel_requested FROM inference_renew_leases(%s::uuid[], %s::uuid[], %s::boolean[], %s)",
            [
                [run for run, _, _ in held],
                [token for _, token, _ in held],
                [shown for *_, shown in held],
                LEASE_SECONDS,
            ],
        )
        return dict(cursor.fetchall())


def lapsed_runs(*, limit: int = 200) -> list[tuple[UUID, UUID]]:
    """(run, organisation) of live runs whose lease or deadline has passed, of all organisations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, organisation_id FROM inference_lapsed_runs(%s)", [limit])
        return list(cursor.fetchall())


def statuses(run_ids: Sequence[UUID]) -> dict[UUID, RunStatus]:
    """How far runs are, whatever their organisation: for readers that hold a run's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, organisation_id, state, attempts, lapsed, error_code, retryable, finish_reason, usage,"
            " model, model_digest FROM inference_run_states(%s::uuid[])",
            [list(run_ids)],
        )
        return {row[0]: _status(row) for row in cursor.fetchall()}


def _status(row: Sequence[Any]) -> RunStatus:
    return RunStatus(
        id=row[0],
        organisation_id=row[1],
        state=row[2],
        attempts=row[3],
        lapsed=row[4],
        error_code=row[5],
        retryable=row[6],
        finish_reason=row[7],
        usage=Usage.from_dict(row[8] if isinstance(row[8], dict) else json.loads(row[8])),
        model=row[9],
        model_digest=row[10],
    )
