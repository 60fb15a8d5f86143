"""Generations that a caller may lose and find again: by an idempotency key, and from any place of the answer.

The key finds the run that it started. Its stream lies in Valkey, apart from every web process, and is read from its
beginning each time, so that the same key and request give the same events, wherever they are asked for. A reader that
goes is waited for; nobody else's return stops the run.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.inference import catalogue, services, streams, transit
from llmasos.inference.database import aoutside
from llmasos.inference.errors import KeyReused, ModelUnavailable, NotResumable
from llmasos.inference.models import LIVE_STATES, ModelTask, Run, RunState
from llmasos.inference.outcomes import Gathered
from llmasos.inference.preparing import prepared
from llmasos.inference.protection import Protected
from llmasos.inference.submission import submit
from llmasos.inference.transit import LIFETIME_SECONDS
from llmasos.inference.types import GenerationRequest, GenerationResult, StreamEvent
from llmasos.inference.valkey import UNREACHABLE, async_client, client
from llmasos.vault.sealing import seal, unseal

GRACE_SECONDS = 15.0
"""How long a reader that went is waited for before its run is cancelled."""

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

    A run that failed or was cancelled is started anew, unless the caller resumes it (`is_resumed`) and wants its rest.
    `digest` is of the whole request.

    Raises:
        KeyReused: the key came with another request.
        NotResumable: there is nothing to resume, or what there was is no longer kept.
        InferenceError, PermissionDenied: as for any generation.
    """
    try:
        return _attach(principal, request, key, digest, is_resumed=is_resumed)
    except UNREACHABLE as error:
        raise ModelUnavailable("the queue cannot be reached") from error


def _attach(principal: Principal, request: GenerationRequest, key: str, digest: str, *, is_resumed: bool) -> Found:
    name = "v1:" + hashlib.sha256(f"{principal.kind}:{principal.id}:{key}".encode()).hexdigest()
    entry = catalogue.resolve(request.model, task=ModelTask.GENERATE, organisation_id=principal.organisation_id)
    kept = _kept(principal, name, _Kept(digest, entry.name), must_exist=is_resumed)
    protected, submission = prepared(principal, replace(request, model=kept.model), secret=kept.secret)
    present = _present(principal, name)
    if present is not None and not is_resumed and present.state in (RunState.FAILED, RunState.CANCELLED):
        _release(principal, present)
        present = None
    if present is None:
        if is_resumed:
            raise NotResumable("there is nothing to resume")
        run_id = submit(principal, replace(submission, idempotency_key=name))
        started = _present(principal, name)
        if started is None:
            raise ModelUnavailable("the run was ended while it was started", run_id=run_id)
        return Found(run_id, started.created_at.timestamp(), kept.model, is_new=True, protected=protected)
    if present.state not in LIVE_STATES and not transit.has_shown(present.pk):
        raise NotResumable("the answer is no longer kept", run_id=present.pk)
    return Found(present.pk, present.created_at.timestamp(), kept.model, is_new=False, protected=protected)


async def aread(principal: Principal, found: Found) -> AsyncGenerator[StreamEvent]:
    """Events of a run from its beginning, as `astream_chat` gives them. Leaving early cancels it after a while.

    It goes on where somebody reads it again within GRACE_SECONDS.
    """
    reader = uuid4().hex
    await _note(found.run_id, reader)
    ended = False
    try:
        async with aclosing(streams.aread(found.run_id)) as events:
            async for event in events:
                ended = event.terminal
                for readable in found.protected.shown(event):
                    yield (
                        replace(readable, data={**readable.data, "run_id": str(found.run_id)})
                        if readable.terminal
                        else readable
                    )
    finally:
        if not ended:
            task = asyncio.get_running_loop().create_task(_cancel_unless_read(principal, found.run_id, reader))
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
    """What each call with a key must find the same: the request, its model, and what surrogates are made of."""

    digest: str
    model: str
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


def _kept(principal: Principal, name: str, new: _Kept, *, must_exist: bool) -> _Kept:
    """Keep this, or give back what the first call with the key kept. Raises KeyReused or NotResumable."""
    place = f"llmasos:asked:{principal.organisation_id}:{name}"
    context = f"inference.asked:{place}"
    made = json.dumps([new.digest, new.model, new.secret.hex()]).encode()
    found: Any = (
        client().get(place)
        if must_exist
        else client().set(place, seal(made, context=context), nx=True, get=True, ex=LIFETIME_SECONDS)
    )
    if found is None and must_exist:
        raise NotResumable("there is nothing to resume")
    if found is None:
        return new
    digest, model, secret = json.loads(unseal(found, context=context))
    if digest != new.digest:
        raise KeyReused("this idempotency key came with another request")
    return _Kept(digest, model, bytes.fromhex(secret))


def _present(principal: Principal, name: str) -> Run | None:
    with acting_in(principal.organisation_id):
        return Run.objects.for_organisation(principal.organisation_id).filter(idempotency_key=name).first()


def _release(principal: Principal, run: Run) -> None:
    """Give a key free whose run came to nothing."""
    with acting_in(principal.organisation_id):
        Run.objects.for_organisation(principal.organisation_id).filter(pk=run.pk).update(idempotency_key=None)


async def _note(run_id: UUID, reader: str) -> None:
    """Leave who reads a run now, for the one that goes meanwhile."""
    with suppress(*UNREACHABLE):
        await async_client().set(_reader_key(run_id), reader, ex=LIFETIME_SECONDS)


async def _cancel_unless_read(principal: Principal, run_id: UUID, reader: str) -> None:
    await asyncio.sleep(GRACE_SECONDS)
    try:
        present = await async_client().get(_reader_key(run_id))
    except UNREACHABLE:
        # Where nobody can be asked, nobody reads either; the run has its deadline.
        return
    if present == reader.encode():
        await aoutside(services.cancel, principal, run_id)


def _reader_key(run_id: UUID) -> str:
    return f"llmasos:reader:{run_id}"
