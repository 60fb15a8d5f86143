"""Generations that a caller may lose and find again: by an idempotency key, and from any place of the answer.

The key finds the run that it started. Its stream lies in Valkey, apart from every web process, and is read from its
beginning each time, so that the same key and request give the same events, wherever they are asked for. A reader that
goes is waited for; the run is stopped when its last reader went and nobody came back.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.inference import catalogue, permissions, readers, services, streams, transit
from llmasos.inference.database import aoutside
from llmasos.inference.errors import KeyReused, ModelUnavailable, NotResumable
from llmasos.inference.models import LIVE_STATES, ModelTask, Run, RunState
from llmasos.inference.outcomes import Gathered
from llmasos.inference.preparing import prepared
from llmasos.inference.protection import Protected
from llmasos.inference.submission import submit
from llmasos.inference.transit import LIFETIME_SECONDS
from llmasos.inference.types import GenerationRequest, GenerationResult, StreamEvent
from llmasos.inference.valkey import UNREACHABLE, client
from llmasos.vault.sealing import seal, unseal

GRACE_SECONDS = 15.0
"""How long a reader that went is waited for before its run is cancelled."""
READER_SECONDS = 30.0
"""How long a reader counts that is heard of no more: that of a killed process."""
NOTE_SECONDS = 8.0
ROOM_SECONDS = 60
"""How much longer than the stream what finds it is kept."""

_waiting: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class Found:
    """The run of an idempotency key. `created` is in seconds since 1970; `is_new` says that this call started it."""

    run_id: UUID
    created: float
    model: str
    is_new: bool
    protected: Protected = field(repr=False)


def attach(
    principal: Principal, request: GenerationRequest, key: str, *, digest: str, is_resumed: bool = False
) -> Found:
    """Find the run of a key, or start it.

    A run that is there is read whatever has become of its model. One that failed or was cancelled is started anew,
    unless the caller resumes it (`is_resumed`) and wants its rest. `digest` is of the whole request.

    Raises:
        KeyReused: the key came with another request.
        NotResumable: there is nothing to resume, or what there was is no longer kept.
        InferenceError, PermissionDenied: as for any generation.
    """
    permissions.require_use(principal, "generate")
    name = "v1:" + hashlib.sha256(f"{principal.kind}:{principal.id}:{key}".encode()).hexdigest()
    try:
        kept = _kept(principal, name, digest)
        present = _present(principal, name)
        if present is not None and not is_resumed and present.state in (RunState.FAILED, RunState.CANCELLED):
            _release(principal, present)
            present = None
        if present is not None:
            return _found(present, kept, request)
        if is_resumed:
            raise NotResumable("there is nothing to resume")
        return _started(principal, request, name, digest)
    except UNREACHABLE as error:
        raise ModelUnavailable("the queue cannot be reached") from error


def _found(run: Run, kept: _Kept | None, request: GenerationRequest) -> Found:
    if kept is None or (run.state not in LIVE_STATES and not transit.has_shown(run.pk)):
        raise NotResumable("the answer is no longer kept", run_id=run.pk)
    return Found(
        run.pk,
        run.created_at.timestamp(),
        kept.model,
        is_new=False,
        protected=Protected.leading_back(request, kept.originals),
    )


def _started(principal: Principal, request: GenerationRequest, name: str, digest: str) -> Found:
    entry = catalogue.resolve(request.model, task=ModelTask.GENERATE, organisation_id=principal.organisation_id)
    kept = _keep(principal, name, _Kept(digest, entry.name))
    protected, submission = prepared(principal, replace(request, model=kept.model), secret=kept.secret)
    # Before the run is there to be found, so that whoever finds it can read it.
    _store(principal, name, replace(kept, originals=protected.originals), seconds=request.deadline_seconds)
    run_id = submit(principal, replace(submission, idempotency_key=name))
    started = _present(principal, name)
    if started is None:
        raise ModelUnavailable("the run was ended while it was started", run_id=run_id)
    return Found(run_id, started.created_at.timestamp(), kept.model, is_new=True, protected=protected)


async def aread(principal: Principal, found: Found) -> AsyncGenerator[StreamEvent]:
    """Events of a run from its beginning, as `astream_chat` gives them. Leaving early cancels it after a while.

    It goes on while anybody else reads it, and where somebody reads it again within GRACE_SECONDS.
    """
    reader = uuid4().hex
    await _note(found.run_id, reader, seconds=READER_SECONDS)
    noted, ended = time.monotonic(), False
    try:
        async with aclosing(streams.aread(found.run_id)) as events:
            async for event in events:
                # A silent run gives keepalives, so that its readers are noted in time.
                if time.monotonic() - noted > NOTE_SECONDS:
                    noted = time.monotonic()
                    await _note(found.run_id, reader, seconds=READER_SECONDS)
                ended = event.terminal
                for readable in found.protected.shown(event):
                    yield (
                        replace(readable, data={**readable.data, "run_id": str(found.run_id)})
                        if readable.terminal
                        else readable
                    )
    finally:
        if not ended:
            task = asyncio.get_running_loop().create_task(_leave(principal, found.run_id, reader))
            _waiting.add(task)
            task.add_done_callback(_waiting.discard)


async def agather(principal: Principal, found: Found) -> GenerationResult:
    """The whole answer of a run. Raises the error that it ended with."""
    gathered = Gathered()
    async with aclosing(aread(principal, found)) as events:
        async for event in events:
            gathered.take(event)
    return gathered.result()


@dataclass(frozen=True, slots=True)
class _Kept:
    """What each call with a key must find the same: the request, its model, what surrogates are made of, and what leads
    them back."""

    digest: str
    model: str
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    originals: Mapping[str, str] = field(default_factory=dict, repr=False)


def _kept(principal: Principal, name: str, digest: str) -> _Kept | None:
    """What the first call with the key kept; None where nothing is. Raises KeyReused for another request."""
    place = transit.asked_key(principal.organisation_id, name)
    found: Any = client().get(place)
    return None if found is None else _opened(place, found, digest)


def _keep(principal: Principal, name: str, new: _Kept) -> _Kept:
    """Keep this, or give back what another call kept just now. Raises KeyReused."""
    place = transit.asked_key(principal.organisation_id, name)
    found: Any = client().set(place, _sealed(place, new), nx=True, get=True, ex=LIFETIME_SECONDS)
    return new if found is None else _opened(place, found, new.digest)


def _store(principal: Principal, name: str, kept: _Kept, *, seconds: float) -> None:
    """Keep this for as long as the stream of a run can last that ends in so many seconds."""
    place = transit.asked_key(principal.organisation_id, name)
    client().set(place, _sealed(place, kept), ex=LIFETIME_SECONDS + math.ceil(seconds) + ROOM_SECONDS)


def _sealed(place: str, kept: _Kept) -> bytes:
    made = [kept.digest, kept.model, kept.secret.hex(), dict(kept.originals)]
    return seal(json.dumps(made).encode(), context=f"inference.asked:{place}")


def _opened(place: str, found: bytes, digest: str) -> _Kept:
    known, model, secret, originals = json.loads(unseal(found, context=f"inference.asked:{place}"))
    if known != digest:
        raise KeyReused("this idempotency key came with another request")
    return _Kept(known, model, bytes.fromhex(secret), originals)


def _present(principal: Principal, name: str) -> Run | None:
    with acting_in(principal.organisation_id):
        return Run.objects.for_organisation(principal.organisation_id).filter(idempotency_key=name).first()


def _release(principal: Principal, run: Run) -> None:
    """Give a key free whose run came to nothing."""
    with acting_in(principal.organisation_id):
        Run.objects.for_organisation(principal.organisation_id).filter(pk=run.pk).update(idempotency_key=None)


async def _note(run_id: UUID, reader: str, *, seconds: float) -> None:
    with suppress(*UNREACHABLE):
        await readers.note(run_id, reader, until=time.time() + seconds)


async def _leave(principal: Principal, run_id: UUID, reader: str) -> None:
    """Wait until nobody counts as a reader any more, then stop the run; one that has ended stays as it is."""
    await _note(run_id, reader, seconds=GRACE_SECONDS)
    try:
        while (seconds := await readers.last_until(run_id) - time.time()) > 0:  # noqa: ASYNC110 - others may come
            await asyncio.sleep(seconds)
    except UNREACHABLE:
        # Where nobody can be asked, nobody reads either; the run has its deadline.
        return
    await aoutside(services.cancel, principal, run_id)
