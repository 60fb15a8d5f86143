"""What a handler of a registered kind gets: its input, and the only ways to show something or to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.inference.errors import RunCancelled, RunSuperseded
from llmasos.inference.lifecycle import Ending
from llmasos.inference.types import TERMINAL_EVENTS, Usage

if TYPE_CHECKING:
    from llmasos.inference.engine.attempt import Attempt


class RunContext:
    """One attempt at a run, fenced by its token: once overtaken, nothing it does is shown or stored."""

    def __init__(self, attempt: Attempt, principal: Principal, payload: Mapping[str, Any]) -> None:
        self._attempt = attempt
        self.run_id: UUID = attempt.run_id
        self.organisation_id: UUID = attempt.organisation_id
        self.principal = principal
        self.payload = payload

    @property
    def seconds_left(self) -> float:
        """Seconds until the run's deadline."""
        return self._attempt.seconds_left

    @property
    def ended(self) -> bool:
        """Whether the run has its terminal event."""
        return self._attempt.ended

    def cancelled(self) -> bool:
        """Whether somebody asked to stop. Long handlers look at this between steps."""
        return self._attempt.cancelled.is_set()

    def begin_model(self) -> None:
        """Tell that the model is given the run's texts now: from here on they count, however the run ends."""
        self._attempt.spent.begin()

    def emit(self, event: str, data: Mapping[str, Any]) -> None:
        """Shows one event. Raises RunCancelled or RunSuperseded when the handler should stop."""
        if event in TERMINAL_EVENTS:
            raise ValueError("a terminal event is written by finish")
        self._check()
        self._attempt.writer.emit(event, data)

    def finish(
        self,
        event: str,
        data: Mapping[str, Any],
        *,
        within: Callable[[], None] | None = None,
        usage: Usage | None = None,
        model: str = "",
        model_digest: str = "",
        digests: Mapping[str, str] | None = None,
        error_code: str = "",
        retryable: bool = False,
    ) -> None:
        """Ends the run with this terminal event, exactly once.

        `within` is called in the transaction that ends the row and writes the audit entry; what it
        raises leaves the run unended. Raises RunSuperseded when somebody else has ended the run.
        """
        if event not in TERMINAL_EVENTS:
            raise ValueError(f"{event} is no terminal event")
        self._attempt.wait_for_claim()
        self._attempt.finish(
            Ending(
                state=event,
                usage=usage or self._attempt.spent.usage(queue_ms=self._attempt.queue_ms),
                finish_reason=str(data.get("finish_reason", "")),
                error_code=error_code or ("failed" if event == "failed" else ""),
                retryable=retryable,
                model=model,
                model_digest=model_digest,
                digests=dict(digests or {}),
            ),
            data,
            within=within,
        )

    def _check(self) -> None:
        if self._attempt.cancelled.is_set():
            raise RunCancelled("the run was cancelled", run_id=self.run_id)
        if not self._attempt.wait_for_claim() or self._attempt.ended:
            raise RunSuperseded("another attempt or an ending owns this run", run_id=self.run_id)
