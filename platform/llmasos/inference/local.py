"""Embedding inside the embedding worker: no queue, no stream, but the same row and audit entry."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.inference import kinds, lifecycle
from llmasos.inference.models import Run, RunState
from llmasos.inference.payloads import texts_digest, tokens_in
from llmasos.inference.quotas.counting import reserve, settle
from llmasos.inference.types import EmbeddingResult, Priority, Usage
from llmasos.inference.valkey import UNREACHABLE, client

if TYPE_CHECKING:
    from llmasos.inference.engine.host import EngineHost

DEADLINE_SECONDS = 60.0


def embed_here(
    host: EngineHost, principal: Principal, texts: Sequence[str], *, model: str, priority: Priority
) -> EmbeddingResult:
    """Embeds with this process's own engine. The vectors are returned once their audit entry is stored.

    Raises QuotaExceeded over a limit, and what the engine raises.
    """
    reserved = reserve(principal, tokens=tokens_in(texts), deadline_seconds=DEADLINE_SECONDS, now=timezone.now())
    used = 0
    try:
        result = _embed(host, principal, texts, model=model, priority=priority)
        used = result.usage.prompt_tokens
    finally:
        if reserved is not None:
            _settle(reserved, principal, used)
    return result


def _settle(reserved: UUID, principal: Principal, tokens: int) -> None:
    try:
        settle(client(), reserved, principal.organisation_id, tokens=tokens)
    except UNREACHABLE:
        # The reservation lapses by itself.
        return


def _embed(
    host: EngineHost, principal: Principal, texts: Sequence[str], *, model: str, priority: Priority
) -> EmbeddingResult:
    created = timezone.now()
    deadline = time.time() + DEADLINE_SECONDS
    embedded = host.embed(
        texts, organisation_id=principal.organisation_id, model=model, priority=int(priority), deadline=deadline
    ).result()
    digest = embedded.model.backend.info.digest
    usage = Usage(prompt_tokens=embedded.tokens, queue_ms=embedded.wait_ms, prefill_ms=embedded.compute_ms)
    now = timezone.now()
    with acting_in(principal.organisation_id):
        run = Run(
            organisation_id=principal.organisation_id,
            principal_kind=principal.kind,
            principal_id=principal.id,
            kind=kinds.EMBED,
            engine="embed",
            model=embedded.model.name,
            model_digest=digest,
            state=RunState.DONE,
            priority=int(priority),
            size=embedded.tokens,
            attempts=1,
            lease_expires_at=now,
            deadline=created + timedelta(seconds=DEADLINE_SECONDS),
            shown=True,
            prompt_tokens=usage.prompt_tokens,
            queue_ms=usage.queue_ms,
            prefill_ms=usage.prefill_ms,
            finish_reason="stop",
            created_at=created,
            started_at=created,
            finished_at=now,
        )
        run.save(force_insert=True)
        digests = {"prompt": texts_digest(texts), "output": hashlib.sha256(embedded.vectors.tobytes()).hexdigest()}
        lifecycle.record_call(run, digests=digests)
    return EmbeddingResult(
        vectors=embedded.vectors, usage=usage, model=embedded.model.name, model_digest=digest, run_id=run.pk
    )
