"""The model service: chat, generate, embed and runs of registered kinds, for threads and for coroutines.

Each call is a run: a row with a lease, work in a models worker, a stream that the caller reads. A run
that was lost with its worker before anything was shown is started once more by the caller, who alone
still has the text.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference import catalogue, expiry, kinds, lifecycle, permissions, queries, streams, transit, worker
from llmasos.inference.database import aoutside, outside
from llmasos.inference.database import submit as submit_outside
from llmasos.inference.errors import InferenceError, InvalidRequest
from llmasos.inference.lifecycle import Ending
from llmasos.inference.local import embed_here
from llmasos.inference.models import LIVE_STATES, ModelTask, Run, RunState
from llmasos.inference.outcomes import Gathered, embedding_result, lost_event, was_lost
from llmasos.inference.payloads import check_deadline, check_texts, tokens_in
from llmasos.inference.preparing import prepared
from llmasos.inference.protection import Protected
from llmasos.inference.submission import Submission, announce, submit
from llmasos.inference.types import (
    EmbeddingResult,
    GenerationRequest,
    GenerationResult,
    Priority,
    StreamEvent,
)
from llmasos.inference.valkey import UNREACHABLE

__all__ = [
    "Begun", "abegin_chat", "achat", "aembed", "agather_chat", "agenerate", "aread_chat", "astream_chat", "begin_chat",
    "cancel", "chat", "embed", "generate", "start_run", "stream_chat",
]  # fmt: skip

Started = TypeVar("Started")

EMBED_DEADLINE_SECONDS = {Priority.INTERACTIVE: 60.0, Priority.BULK: 600.0}


def chat(principal: Principal, request: GenerationRequest) -> GenerationResult:
    """Answers a conversation. Raises an InferenceError, or PermissionDenied for a key without the scope."""
    return _collected(stream_chat(principal, request))


def generate(principal: Principal, request: GenerationRequest) -> GenerationResult:
    """Continues a raw prompt; the same as `chat` otherwise."""
    return _collected(stream_chat(principal, request))


def stream_chat(
    principal: Principal, request: GenerationRequest, *, start_again: bool = True
) -> Generator[StreamEvent]:
    """Events of a generation: "token" {text}, then one terminal event, whose data also has the run_id.

    Errors before the run starts are raised by the first step; later ones are the terminal event.
    Closing the iterator early cancels the run. `start_again` is for callers that would rather hear of a
    lost worker than wait for a second start.
    """
    protected, submission = prepared(principal, request)
    abandoned = (lambda: False) if start_again else queries.Serving(submission.engine).gone
    for last_try in (False, True) if start_again else (True,):
        run = outside(announce, principal, submission)
        ended = shown = False
        try:
            with closing(streams.read(run.pk, abandoned=abandoned, silent=_entering(run))) as events:
                for event in events:
                    ended = event.terminal
                    if ended and not shown and not last_try and lost_event(event):
                        break
                    shown = True
                    for readable in protected.shown(event):
                        yield _named(readable, run.pk)
        finally:
            if not ended:
                outside(_stop, principal, run, is_entered=shown)
        if shown:
            return


async def achat(principal: Principal, request: GenerationRequest) -> GenerationResult:
    """`chat` for coroutines."""
    return await _acollected(astream_chat(principal, request))


async def agenerate(principal: Principal, request: GenerationRequest) -> GenerationResult:
    """`generate` for coroutines."""
    return await _acollected(astream_chat(principal, request))


async def astream_chat(principal: Principal, request: GenerationRequest) -> AsyncGenerator[StreamEvent]:
    """`stream_chat` for coroutines, with keepalives. Holds no database connection between events."""
    begun = await abegin_chat(principal, request)
    async with aclosing(aread_chat(principal, begun)) as events:
        async for event in events:
            yield event


@dataclass(frozen=True, slots=True)
class Begun:
    """A generation that was started; the rest is what reading it takes, and starting it once more."""

    run: Run
    submission: Submission = field(repr=False)
    protected: Protected = field(repr=False)

    @property
    def model(self) -> str:
        return self.submission.model


def begin_chat(principal: Principal, request: GenerationRequest) -> Begun:
    """Start a generation, which `aread_chat` or `agather_chat` reads. Raises as `stream_chat` does."""
    protected, submission = prepared(principal, request)
    return Begun(outside(announce, principal, submission), submission, protected)


async def abegin_chat(principal: Principal, request: GenerationRequest) -> Begun:
    """`begin_chat` for coroutines. A run whose caller leaves while it is being started is cancelled."""
    return await _or_stopped(aoutside(begin_chat, principal, request), lambda begun: _stop(principal, begun.run))


async def _or_stopped(start: Coroutine[Any, Any, Started], stop: Callable[[Started], object]) -> Started:
    """What a start gives; where its caller leaves meanwhile, what it started is stopped once it has."""
    starting = asyncio.ensure_future(start)

    def ended(started: asyncio.Future[Started]) -> None:
        if not started.cancelled() and started.exception() is None:
            submit_outside(stop, started.result())

    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        starting.add_done_callback(ended)
        raise


async def aread_chat(principal: Principal, begun: Begun) -> AsyncGenerator[StreamEvent]:
    """The events of a generation, as `astream_chat` gives them. Closing this early cancels the run."""
    run = begun.run
    for last_try in (False, True):
        ended = shown = False
        try:
            async with aclosing(streams.aread(run.pk, silent=_entering(run))) as events:
                async for event in events:
                    if event.event == "keepalive":
                        yield event
                        continue
                    ended = event.terminal
                    if ended and not shown and not last_try and lost_event(event):
                        break
                    shown = True
                    for readable in begun.protected.shown(event):
                        yield _named(readable, run.pk)
        finally:
            if not ended:
                await aoutside(_stop, principal, run, is_entered=shown)
        if shown:
            return
        run = await aoutside(announce, principal, begun.submission)


async def agather_chat(principal: Principal, begun: Begun) -> GenerationResult:
    """The whole of a generation, as `achat` gives it."""
    return await _acollected(aread_chat(principal, begun))


def embed(
    principal: Principal,
    texts: Sequence[str],
    *,
    model: str = "",
    priority: Priority = Priority.INTERACTIVE,
) -> EmbeddingResult:
    """Vectors of texts, in their order. Raises an InferenceError, or PermissionDenied.

    Inside the embedding worker the texts do not travel; elsewhere they pass sealed through the queue.
    """
    permissions.require_use(principal, "embed")
    check_texts(texts)
    host = worker.embedding_engine()
    if host is not None:
        return embed_here(host, principal, texts, model=model, priority=priority)
    submission = _embedding(texts, model, priority)
    for last_try in (False, True):
        run = outside(announce, principal, submission)
        final = _last(streams.read(run.pk, silent=_entering(run)))
        try:
            return embedding_result(run.pk, final)
        except InferenceError as error:
            if last_try or not was_lost(error):
                raise
    raise AssertionError("the last try returns or raises")


async def aembed(
    principal: Principal,
    texts: Sequence[str],
    *,
    model: str = "",
    priority: Priority = Priority.INTERACTIVE,
) -> EmbeddingResult:
    """`embed` for coroutines. What nobody waits for any more is not embedded further."""
    permissions.require_use(principal, "embed")
    check_texts(texts)
    if worker.embedding_engine() is not None:
        return await aoutside(embed, principal, texts, model=model, priority=priority)
    submission = await aoutside(_embedding, texts, model, priority)
    for last_try in (False, True):
        run = await _or_stopped(aoutside(announce, principal, submission), lambda run: _announce_cancel(run.pk))
        final = StreamEvent("", "failed")
        try:
            async with aclosing(streams.aread(run.pk, silent=_entering(run))) as events:
                async for event in events:
                    final = event
        except asyncio.CancelledError:
            # Texts that its worker has not come to are left out.
            submit_outside(_announce_cancel, run.pk)
            raise
        try:
            return embedding_result(run.pk, final)
        except InferenceError as error:
            if last_try or not was_lost(error):
                raise
    raise AssertionError("the last try returns or raises")


def start_run(
    principal: Principal,
    kind: str,
    payload: Mapping[str, Any],
    *,
    priority: Priority = Priority.INTERACTIVE,
    deadline_seconds: float = 120.0,
    idempotency_key: str | None = None,
) -> UUID:
    """Starts a run of a registered kind and returns its id at once; `streams` tells how it goes.

    Inside a transaction the run starts when that commits. A repeated idempotency key gives the first
    run's id. Raises Overloaded, ModelUnavailable or InvalidRequest.
    """
    try:
        engine = kinds.kind(kind).engine
    except KeyError:
        raise InvalidRequest(f"no kind of run is named {kind}") from None
    check_deadline(deadline_seconds)
    size = len(json.dumps(payload)) // 4
    return submit(
        principal,
        Submission(
            kind=kind,
            engine=engine,
            payload=payload,
            size=size,
            priority=priority,
            deadline_seconds=deadline_seconds,
            idempotency_key=idempotency_key,
        ),
    )


def cancel(principal: Principal, run_id: UUID) -> bool:
    """Asks a live run to stop; False when there is none to stop. Raises PermissionDenied.

    A waiting run ends here; a running one ends when its worker has stopped, within a token.
    """
    organisation_id = principal.organisation_id
    with acting_in(organisation_id):
        run = Run.objects.for_organisation(organisation_id).filter(pk=run_id).first()
    if run is None or run.state not in LIVE_STATES:
        return False
    if not permissions.may_cancel(principal, run):
        raise PermissionDenied("only who started a run may cancel it")
    # The worker hears of it first: each token that it makes meanwhile is made for nobody.
    _announce_cancel(run_id)

    def note() -> None:
        record(
            organisation_id=organisation_id,
            actor=principal.actor,
            action="inference.cancel",
            object=Ref("run", run_id),
        )

    ended = lifecycle.end(
        run_id=run_id,
        organisation_id=organisation_id,
        token=None,
        ending=Ending(RunState.CANCELLED, finish_reason="cancelled"),
        expect=(RunState.QUEUED,),
        within=note,
    )
    if ended is not None:
        expiry.announce_end(ended)
        return True
    if lifecycle.request_cancel(run_id=run_id, organisation_id=organisation_id, within=note):
        return True
    with acting_in(organisation_id):
        stopped = Run.objects.for_organisation(organisation_id).filter(pk=run_id, state=RunState.CANCELLED).exists()
        if stopped:
            note()
    return stopped


def _announce_cancel(run_id: UUID) -> None:
    try:
        transit.announce_cancel(run_id)
    except UNREACHABLE:
        # The worker reads the request from the row at its next heartbeat.
        return


def _embedding(texts: Sequence[str], model: str, priority: Priority) -> Submission:
    entry = catalogue.resolve(model, task=ModelTask.EMBED)
    return Submission(
        kind=kinds.EMBED,
        engine="embed",
        payload={"texts": list(texts), "model": model},
        model=entry.name,
        size=tokens_in(texts),
        priority=priority,
        deadline_seconds=EMBED_DEADLINE_SECONDS[priority],
    )


def _entering(run: Run) -> Callable[[], None]:
    """What enters the row of an announced run when nothing was heard of it for a second, once."""
    return cache(partial(_enter, run))


def _enter(run: Run) -> None:
    """Enter the row of an announced run: now it may lapse as others do."""
    run.lease_expires_at = timezone.now() + lifecycle.QUEUED_LEASE
    outside(lifecycle.enter, run)


def _stop(principal: Principal, run: Run, *, is_entered: bool = False) -> None:
    """Cancel an announced run, which a worker may not have entered yet: then it is entered, to end.

    A worker enters it before it shows anything.
    """
    if not is_entered:
        _enter(run)
    cancel(principal, run.pk)


def _named(event: StreamEvent, run_id: UUID) -> StreamEvent:
    return replace(event, data={**event.data, "run_id": str(run_id)}) if event.terminal else event


def _last(events: Iterator[StreamEvent]) -> StreamEvent:
    final = StreamEvent("", "failed")
    for event in events:
        final = event
    return final


def _collected(events: Iterator[StreamEvent]) -> GenerationResult:
    gathered = Gathered()
    for event in events:
        gathered.take(event)
    return gathered.result()


async def _acollected(events: AsyncIterator[StreamEvent]) -> GenerationResult:
    gathered = Gathered()
    async for event in events:
        gathered.take(event)
    return gathered.result()
