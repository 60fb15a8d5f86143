"""One attempt at a run inside a models worker: claim, show, end, each at most once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from llmasos.accounts.principals import Principal
from llmasos.audit.types import Actor
from llmasos.inference import database, kinds, lifecycle, transit
from llmasos.inference.engine.queue import Admission
from llmasos.inference.engine.spending import Spent
from llmasos.inference.errors import InferenceError, RunSuperseded
from llmasos.inference.lifecycle import Claim, Ending
from llmasos.inference.models import Run, RunState
from llmasos.inference.valkey import UNREACHABLE
from llmasos.inference.writing import StreamWriter

logger = logging.getLogger(__name__)

OUTAGE_SECONDS = 8.0


class Attempt:
    """Holds a run's attempt token from the claim to the end. Safe for threads.

    A run of a model may have no row yet: it is entered here. ``given`` is the input of one that was announced with it.
    """

    def __init__(
        self,
        admission: Admission,
        *,
        engine: str,
        release: Callable[[Attempt], None],
        claims_late: bool = False,
        given: transit.Input | None = None,
    ) -> None:
        self.run_id: UUID = admission.run_id
        self.organisation_id: UUID = admission.organisation_id
        self.kind = admission.kind
        self.deadline = admission.deadline
        self.token = uuid4()
        self.writer = StreamWriter(admission.run_id)
        self.cancelled = threading.Event()
        self.cancelled_at = 0.0
        self.ended = False
        self.envelope: dict[str, Any] = {}
        self.spent = Spent(admission.size)
        self.queue_ms = max(0.0, (time.time() - admission.created) * 1000)
        self.started = time.monotonic()
        self._engine = engine
        self._release = release
        self._claims_late = claims_late
        self._admission = admission
        self._given = given
        self._claim: Future[Claim | None] | None = None
        self._opened = False
        self._lock = threading.Lock()

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.time()

    @property
    def waits_unclaimed(self) -> bool:
        """Whether the row is still in the queued state on purpose."""
        return self._claims_late and self._claim is None

    @property
    def claimed(self) -> bool:
        """Whether the row is known to be ours; never waits."""
        claim = self._claim
        return bool(claim and claim.done() and not claim.exception() and claim.result())

    def begin(self) -> bool:
        """Takes the input and starts the claim. False when there is nothing for this attempt to do.

        The claim runs beside the model's first work; `wait_for_claim` is asked before anything shows.
        Work that shows nothing before its end claims late: most of it ends before that is worth while,
        straight from the queued state, which is a compare-and-set as good.
        """
        found = self._given or self._take_input()
        if found.envelope is None and found.taken_before:
            self._drop()
            return False
        if found.envelope is None:
            if self.wait_for_claim():
                self.fail("input_lost", retryable=True)
            return False
        self.envelope = found.envelope
        if not self._claims_late:
            self.claim()
        return True

    def claim(self) -> Future[Claim | None]:
        """Starts taking the run's row for this attempt, unless that was started before."""
        with self._lock:
            if self._claim is None:
                self._claim = database.submit(self._claimed)
            return self._claim

    def _claimed(self) -> Claim | None:
        if self.kind in kinds.OWN_KINDS and self.envelope:
            return lifecycle.enter_claimed(self._row(), token=self.token)
        return lifecycle.claim(run_id=self.run_id, organisation_id=self.organisation_id, token=self.token)

    def _row(self) -> Run:
        """The row of a run that was announced without one."""
        principal, admission = self.principal(), self._admission
        created = datetime.fromtimestamp(admission.created, tz=UTC)
        return Run(
            id=self.run_id,
            organisation_id=self.organisation_id,
            principal_kind=principal.kind,
            principal_id=principal.id,
            kind=self.kind,
            engine=self._engine,
            model=str(self.envelope["payload"].get("model", "")),
            priority=admission.priority,
            size=admission.size,
            request_id=(self.envelope or {}).get("request_id", ""),
            created_at=created,
            lease_expires_at=datetime.now(UTC) + lifecycle.QUEUED_LEASE,
            deadline=datetime.fromtimestamp(admission.deadline, tz=UTC),
        )

    def wait_for_claim(self) -> bool:
        """Whether this attempt owns the run; waits for the database's answer the first time."""
        if self._opened:
            return True
        try:
            claim = self.claim().result()
        except Exception:
            logger.exception("a run could not be claimed", extra={"run": str(self.run_id)})
            claim = None
        if claim is None:
            self._drop()
            return False
        with self._lock:
            if not self._opened:
                self._opened = True
                self.writer.open(claim.attempt)
                if claim.cancel_requested:
                    self.cancelled.set()
        return True

    def principal(self) -> Principal:
        """Who asked, as the sealed input says."""
        given: Mapping[str, Any] = self.envelope["principal"]
        return Principal(
            organisation_id=self.organisation_id,
            kind=given["kind"],
            id=UUID(given["id"]) if given["id"] else None,
            roles=frozenset(given["roles"]),
            scopes=frozenset(given["scopes"]),
        )

    def finish(
        self,
        ending: Ending,
        data: Mapping[str, Any],
        *,
        blob: bytes | None = None,
        within: Callable[[], None] | None = None,
    ) -> None:
        """Ends the run's row and then its stream. Raises RunSuperseded when it was ended already.

        Everything shown is in the stream before the row ends, and the row ends before the terminal
        entry, so that whoever sees the end finds the run, its audit entry and its result stored.
        """
        with self._lock:
            if self.ended:
                raise RunSuperseded("this run has ended", run_id=self.run_id)
            self.ended = True
            unclaimed = self._claim is None
        try:
            self._flush()
            end = partial(
                self._end,
                token=None if unclaimed else self.token,
                expect=RunState.QUEUED if unclaimed else RunState.RUNNING,
                ending=ending,
                within=within,
            )
            # A thread that makes answers needs no connection of its own for this.
            is_short = within is None and self.kind in kinds.OWN_KINDS
            ended = database.submit(end).result() if is_short else database.resilient(end)
        except BaseException:
            with self._lock:
                self.ended = False
            raise
        if not ended:
            self._drop()
            raise RunSuperseded("another attempt or an ending owns this run", run_id=self.run_id)
        forget = partial(
            transit.forget,
            self.run_id,
            organisation_id=self.organisation_id,
            engine=self._engine,
            tokens=ending.usage.total_tokens,
        )
        try:
            # Who sees the end may ask again at once, and finds its place and its limits free.
            self.writer.close(ending.state, data, blob=blob, before=lambda pipeline: forget(within=pipeline))
        except (RunSuperseded, *UNREACHABLE):
            # Readers find the end in the row, and what it held lapses where it cannot be given back.
            logger.warning("the end of a run could not be written", extra={"run": str(self.run_id)})
            with suppress(*UNREACHABLE):
                forget()
        finally:
            self._release(self)

    def _end(self, *, token: UUID | None, expect: str, ending: Ending, within: Callable[[], None] | None) -> bool:
        """End the row: in one message where nothing else belongs to the transaction and the model is known."""
        if self._given is not None and expect == RunState.QUEUED and self.envelope:
            return lifecycle.enter_ended(self._row(), ending=ending, actor=self._actor())
        if within is None and ending.model_digest and self.envelope:
            return lifecycle.end_at_once(
                run_id=self.run_id,
                organisation_id=self.organisation_id,
                token=token,
                ending=ending,
                expect=(expect,),
                kind=self.kind,
                actor=self._actor(),
            )
        return (
            lifecycle.end(
                run_id=self.run_id,
                organisation_id=self.organisation_id,
                token=token,
                ending=ending,
                expect=(expect,),
                within=within,
            )
            is not None
        )

    def _actor(self) -> Actor:
        """Who asked, as the run's row names them: without roles."""
        principal = self.principal()
        return Actor(kind=principal.kind, id=principal.id)

    def fail(self, code: str, *, message: str = "", retryable: bool = False) -> None:
        """Ends the run as failed, with what it has taken so far. Does nothing when it has ended."""
        error = {"code": code, "message": message, "retryable": retryable}
        ending = Ending(
            RunState.FAILED,
            usage=self.spent.usage(queue_ms=self.queue_ms),
            finish_reason="error",
            error_code=code,
            retryable=retryable,
            shown=self.writer.shown,
        )
        self._finish_quietly(ending, {"finish_reason": "error", "error": error, "usage": ending.usage.as_dict()})

    def fail_with(self, error: Exception) -> None:
        """Ends the run as failed for an exception; only our own errors' words are shown."""
        self.spent.fail()
        if isinstance(error, RunSuperseded):
            self._drop()
        elif isinstance(error, InferenceError):
            self.fail(error.code, message=str(error), retryable=error.retryable)
        else:
            logger.error("a run failed", exc_info=error, extra={"run": str(self.run_id)})
            self.fail("engine_error", retryable=True)

    def finish_cancelled(self) -> None:
        """Ends the run as cancelled, with what it has taken so far. Does nothing when it has ended."""
        ending = Ending(
            RunState.CANCELLED,
            usage=self.spent.usage(queue_ms=self.queue_ms),
            finish_reason="cancelled",
            shown=self.writer.shown,
        )
        self._finish_quietly(ending, {"finish_reason": "cancelled", "usage": ending.usage.as_dict()})

    def lose(self) -> None:
        """The row is no longer ours: nothing more may be shown."""
        with self._lock:
            self.ended = True
        self._drop()

    def _finish_quietly(self, ending: Ending, data: Mapping[str, Any]) -> None:
        if not self.waits_unclaimed and not self.wait_for_claim():
            return
        try:
            self.finish(ending, data)
        except RunSuperseded:
            return

    def _flush(self) -> None:
        try:
            self.writer.flush()
        except UNREACHABLE:
            logger.warning("text of a run could not be written", extra={"run": str(self.run_id)})

    def _drop(self) -> None:
        self.ended = True
        self.writer.abandon()
        self._release(self)

    def _take_input(self) -> transit.Input:
        give_up = time.monotonic() + OUTAGE_SECONDS
        while True:
            try:
                return transit.take_input(self.run_id)
            except UNREACHABLE:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)
