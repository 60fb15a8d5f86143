"""Requests and runs that several tests start."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.inference import kinds
from llmasos.inference.models import Run
from llmasos.inference.payloads import payload_of
from llmasos.inference.submission import Submission, submit
from llmasos.inference.types import GenerationRequest, Message

LONG = " ".join(f"word{number}" for number in range(100))


def asked(text: str, **fields: Any) -> GenerationRequest:
    return GenerationRequest(messages=(Message("user", text),), **fields)


def start_generation(principal: Principal, text: str, *, deadline_seconds: float = 60.0) -> UUID:
    """A chat run that nobody waits for, as a page would start it."""
    payload = payload_of(asked(text))
    return submit(
        principal,
        Submission(kind=kinds.CHAT, engine="generate", payload=payload, deadline_seconds=deadline_seconds),
    )


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread or process does."""
    give_up = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.02)


def run_row(principal: Principal, run_id: UUID) -> Run:
    with acting_in(principal.organisation_id):
        return Run.objects.for_organisation(principal.organisation_id).get(pk=run_id)
