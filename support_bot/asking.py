"""A program's question and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.answering import services as answering
from llmasos.inference import streams
from llmasos.inference.database import outside
from llmasos.inference.outcomes import raise_for
from llmasos.inference.types import Message, StreamEvent

ROLES = (("user", "user"), ("assistant", "assistant"))
"""Who may have spoken before."""
ANSWERED = frozenset({"done", "abstained"})


def ask(
    principal: Principal,
    question: str,
    *,
    collection_ids: Sequence[UUID],
    earlier: Sequence[tuple[str, str]] = (),
    language: str = "",
) -> dict[str, Any]:
    """Return what the terminal event of an answer says (``answering.types.Answer.as_dict``), with its ``run``.

    ``earlier`` are the turns before it as (role, content). Where the caller may not generate text, or cannot be
    written for, the answer is the quotation alone.

    Raises:
        InferenceError: the model service does not take the run, or it failed.
    """
    turns = (*(Message(role, content) for role, content in earlier), Message("user", question))
    run_id = outside(
        answering.start_answer,
        principal,
        collection_ids=collection_ids,
        messages=turns,
        language=language,
        generate="generate" in principal.scopes,
    )
    final = StreamEvent("", "failed")
    with closing(streams.read(run_id)) as events:
        for event in events:
            final = event
    if final.event not in ANSWERED:
        raise_for(run_id, final)
    return {**final.data, "run": run_id}
