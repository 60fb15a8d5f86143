"""Proposals for answers that belong to no course: a run in a models worker, which has the embeddings at hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from llmasos.accounts.principals import Principal
from llmasos.inference import kinds, services, streams
from llmasos.inference.database import outside
from llmasos.inference.outcomes import lost_event, raise_for
from llmasos.inference.types import Priority, StreamEvent
from tutor.engine.types import Criterion, Graded, Level, Proposal, Question, Response

if TYPE_CHECKING:
    import numpy as np

    from llmasos.inference.context import RunContext

KIND = "tutor.propose"
DEADLINE_SECONDS = 120.0
EMBEDDED_AT_ONCE = 256


def register() -> None:
    """Make the kind of run startable. Called once, in ``AppConfig.ready``."""
    kinds.register_kind(KIND, handle, engine="embed")


def propose(principal: Principal, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"proposals": [...], "model_digest": ...}`` for what ``ProposeRequestSerializer`` has checked.

    Raises:
        InferenceError: the model service does not take the run, or it failed.
    """
    payload = json.loads(json.dumps(asked))
    for last_try in (False, True):
        run_id = outside(services.start_run, principal, KIND, payload, deadline_seconds=DEADLINE_SECONDS)
        final = StreamEvent("", "failed")
        with closing(streams.read(run_id)) as events:
            for event in events:
                final = event
        if last_try or not lost_event(final):
            break
    raise_for(run_id, final)
    return {"proposals": final.data["proposals"], "model_digest": final.data["model_digest"]}


def handle(context: RunContext) -> None:
    """Answer a run. The texts travelled sealed; what leaves are ids, numbers and words of the rubric."""
    from tutor.engine import proposing
    from tutor.training.queries import model_for

    asked = context.payload
    # Whoever may have marks proposed may have the embeddings that this takes.
    principal = context.principal.allowed_for_it("embed")

    def embed(texts: Sequence[str]) -> np.ndarray:
        import numpy as np

        parts = [
            services.embed(principal, texts[at : at + EMBEDDED_AT_ONCE], priority=Priority.BULK).vectors
            for at in range(0, len(texts), EMBEDDED_AT_ONCE)
        ]
        return np.concatenate(parts)

    proposals = proposing.propose(
        _question(asked),
        [Response(one["id"], one["text"]) for one in asked["answers"]],
        [Graded(one["id"], one["text"], one["score"], one["levels"]) for one in asked["graded"]],
        embed=embed,
        model=model_for(principal.organisation_id),
    )
    digest = proposals[0].model_digest if proposals else ""
    context.finish(
        "done",
        {"proposals": [_shown(one) for one in proposals], "model_digest": digest, "finish_reason": "stop"},
        model="tutor",
        model_digest=digest,
        digests={"prompt": hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()},
    )


def _question(asked: Mapping[str, Any]) -> Question:
    return Question(
        id="",
        prompt=asked["question"],
        kind=asked["kind"],
        references=tuple(asked["references"]),
        criteria=tuple(_criterion(one) for one in asked["criteria"]),
        max_points=asked["max_points"],
        language=asked["language"],
    )


def _criterion(given: Mapping[str, Any]) -> Criterion:
    levels = tuple(
        Level(one["id"], one["label"], one["points"], one["description"], tuple(one["examples"]))
        for one in given.get("levels", ())
    )
    return Criterion(
        given["id"], given["text"], levels or (Level("no", "", 0.0), Level("yes", "", 1.0)), given["weight"]
    )


def _shown(proposal: Proposal) -> dict[str, Any]:
    shown = asdict(proposal)
    for name in ("features", "distribution", "model_digest"):
        del shown[name]
    return shown
