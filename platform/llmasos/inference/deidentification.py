"""Finding personal data as a run: the texts travel sealed to a models worker, which alone loads the language model."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from typing import TYPE_CHECKING

from llmasos.accounts.principals import Principal
from llmasos.inference import kinds, services, streams, worker
from llmasos.inference.database import outside
from llmasos.inference.errors import InferenceError, InvalidRequest
from llmasos.inference.outcomes import lost_event, raise_for
from llmasos.inference.types import StreamEvent
from llmasos.privacy.deidentification import pipeline
from llmasos.privacy.deidentification.locating import Asked, NotLocatedError, packed, register_locator, unpacked
from llmasos.privacy.deidentification.types import Finding

if TYPE_CHECKING:
    from llmasos.inference.context import RunContext

KIND = "deidentify"
DEADLINE_SECONDS = 120.0
MAX_CHARACTERS = 1_000_000


def register() -> None:
    """Make the kind of run startable and be where findings come from. Called once, in ``AppConfig.ready``."""
    kinds.register_kind(KIND, handle, engine="embed")
    register_locator(locate)


def locate(principal: Principal, asked: Asked) -> list[list[Finding]]:
    """Find in the models worker what is personal in texts. Inside that worker the texts do not travel.

    Raises NotLocatedError where no worker answers, or where the texts are too long.
    """
    try:
        return _locate(principal, asked)
    except InferenceError as error:
        raise NotLocatedError(str(error)) from error


def _locate(principal: Principal, asked: Asked) -> list[list[Finding]]:
    if not any(text.strip() for text in asked.texts):
        return [[] for _ in asked.texts]
    if sum(map(len, asked.texts)) > MAX_CHARACTERS or max(map(len, asked.texts)) > pipeline.LONGEST_TEXT:
        raise InvalidRequest("the texts are too long to be de-identified at once")
    if worker.embedding_engine() is not None:
        return _found(asked)
    payload = {"texts": asked.texts, "known": asked.known, "types": asked.types, "threshold": asked.threshold}
    for last_try in (False, True):
        # Outside of the caller's transaction, which may be open: the run starts when its own is committed.
        run_id = outside(services.start_run, principal, KIND, payload, deadline_seconds=DEADLINE_SECONDS)
        final = StreamEvent("", "failed")
        with closing(streams.read(run_id)) as events:
            for event in events:
                final = event
        if last_try or not lost_event(final):
            break
    raise_for(run_id, final)
    return [unpacked(one) for one in final.data["findings"]]


def handle(context: RunContext) -> None:
    """Answer a run: where what kind of thing stands, never the text itself."""
    payload = context.payload
    asked = Asked(
        tuple(payload["texts"]),
        tuple(payload["known"]),
        None if payload["types"] is None else tuple(payload["types"]),
        float(payload["threshold"]),
    )
    found = _found(asked)
    digest = hashlib.sha256(json.dumps(list(asked.texts), separators=(",", ":")).encode()).hexdigest()
    context.finish("done", {"findings": [packed(one) for one in found]}, model="presidio", digests={"prompt": digest})


def _found(asked: Asked) -> list[list[Finding]]:
    return [
        pipeline.locate(text, known=asked.known, types=asked.types, threshold=asked.threshold) for text in asked.texts
    ]
