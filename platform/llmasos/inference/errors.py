"""Errors of the model service: one tree, so that callers may catch the root or one leaf."""

# ruff: noqa: N818  (the names are the public interface and read well without "Error")
from __future__ import annotations

from datetime import datetime
from uuid import UUID


class InferenceError(Exception):
    """Root of every error that the model service raises on purpose.

    `code` is stable and machine-readable; it is what a run's row and a stream's terminal event carry.
    `retryable` says whether the same request may be sent again unchanged.
    """

    code = "inference_error"
    retryable = False

    def __init__(self, message: str = "", *, run_id: UUID | None = None) -> None:
        super().__init__(message or self.code)
        self.run_id = run_id


class Overloaded(InferenceError):
    """The queue of an engine is full. `retry_after` is in seconds."""

    code = "overloaded"
    retryable = True

    def __init__(self, message: str = "", *, retry_after: float = 1.0, run_id: UUID | None = None) -> None:
        super().__init__(message, run_id=run_id)
        self.retry_after = retry_after


class QuotaExceeded(Overloaded):
    """A limit of the organisation or of the program is used up until ``until`` (None: until something ends).

    Which one is not known (an empty ``measure``) where a run ended by it. ``used`` is in ``measure`` ("requests",
    "tokens" or "concurrent") and holds what running requests reserved; ``wanted`` is what this request would have added
    at most. ``by_program`` says whose limit it is.
    """

    code = "quota_exceeded"

    def __init__(
        self,
        message: str = "",
        *,
        measure: str = "",
        period: str = "",
        amount: int = 0,
        used: int = 0,
        wanted: int = 0,
        by_program: bool = False,
        until: datetime | None = None,
        retry_after: float = 1.0,
        run_id: UUID | None = None,
    ) -> None:
        super().__init__(message, retry_after=retry_after, run_id=run_id)
        self.measure = measure
        self.period = period
        self.amount = amount
        self.used = used
        self.wanted = wanted
        self.by_program = by_program
        self.until = until


class DeadlineExceeded(InferenceError):
    """The run was not finished when its deadline passed."""

    code = "deadline_exceeded"
    retryable = True


class ModelUnavailable(InferenceError):
    """The model is in the catalogue but cannot be loaded or reached now."""

    code = "model_unavailable"
    retryable = True


class UnknownModel(InferenceError):
    """No catalogue entry has this name for this task."""

    code = "unknown_model"


class InvalidRequest(InferenceError):
    """The request cannot be served as it stands."""

    code = "invalid_request"


class TooLong(InvalidRequest):
    """The prompt is longer than the model's context."""

    code = "context_length_exceeded"

    @classmethod
    def of(cls, tokens: int, context: int) -> TooLong:
        return cls(f"the prompt has {tokens} tokens, the model reads {context}: send less")


class NotOffered(InvalidRequest):
    """The model does not have what the request wants. `param` names the field of the request."""

    def __init__(self, message: str = "", *, param: str, run_id: UUID | None = None) -> None:
        super().__init__(message, run_id=run_id)
        self.param = param


class KeyReused(InferenceError):
    """The idempotency key came before, with another request."""

    code = "idempotency_key_used"


class NotResumable(InferenceError):
    """What the idempotency key stands for was never started, or is no longer kept."""

    code = "not_resumable"


class RunFailed(InferenceError):
    """The run ended as failed. `failure` is the row's error code, such as `worker_lost`."""

    code = "run_failed"

    def __init__(
        self,
        message: str = "",
        *,
        failure: str = "run_failed",
        retryable: bool = False,
        run_id: UUID | None = None,
    ) -> None:
        super().__init__(message or failure, run_id=run_id)
        self.failure = failure
        self.retryable = retryable


class RunCancelled(InferenceError):
    """Somebody cancelled the run."""

    code = "cancelled"


class RunSuperseded(InferenceError):
    """The run's row no longer carries this attempt's token: what the attempt makes must not be shown."""

    code = "superseded"


def error_from_code(
    code: str,
    message: str,
    *,
    run_id: UUID | None,
    retryable: bool = False,
    retry_after: float = 1.0,
) -> InferenceError:
    """The exception that a caller sees for the error code of a run that has ended."""
    if code == Overloaded.code:
        return Overloaded(message, retry_after=retry_after, run_id=run_id)
    if code == QuotaExceeded.code:
        return QuotaExceeded(message, retry_after=retry_after, run_id=run_id)
    if code == RunCancelled.code:
        return RunCancelled(message, run_id=run_id)
    for leaf in (DeadlineExceeded, ModelUnavailable, UnknownModel, InvalidRequest, TooLong):
        if leaf.code == code:
            return leaf(message, run_id=run_id)
    return RunFailed(message, failure=code, retryable=retryable, run_id=run_id)
