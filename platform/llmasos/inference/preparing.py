"""From what a caller asks for to the run that is submitted: allowed, checked, and fit to be sent to its model."""

from __future__ import annotations

from dataclasses import replace

from llmasos.accounts.principals import Principal
from llmasos.inference import catalogue, kinds, permissions
from llmasos.inference.backends.registry import require_offered
from llmasos.inference.models import ModelTask
from llmasos.inference.payloads import check_request, payload_of, size_of
from llmasos.inference.protection import Protected, protect
from llmasos.inference.submission import Submission
from llmasos.inference.types import GenerationRequest


def prepared(principal: Principal, request: GenerationRequest, *, secret: bytes = b"") -> tuple[Protected, Submission]:
    """Return a generation as it may be submitted.

    ``secret`` makes the surrogates of two calls the same; without one they are those of this call alone. Raises an
    InferenceError, or PermissionDenied.
    """
    permissions.require_use(principal, "generate")
    check_request(request)
    entry = catalogue.resolve(request.model, task=ModelTask.GENERATE, organisation_id=principal.organisation_id)
    require_offered(entry.backend, request)
    protected = protect(principal, replace(request, model=entry.name), secret=secret)
    request = protected.request
    submission = Submission(
        kind=kinds.CHAT if request.messages is not None else kinds.GENERATE,
        engine="generate",
        payload={**payload_of(request), "cleared": protected.cleared},
        model=entry.name,
        size=size_of(request),
        # What the context does not hold cannot be made.
        most_tokens=min(size_of(request) + request.max_tokens, entry.context_tokens or catalogue.CONTEXT_TOKENS),
        priority=request.priority,
        deadline_seconds=request.deadline_seconds,
    )
    return protected, submission
