"""The gate before models that are not local: their prompts are de-identified, and the answer is led back.

Surrogates are those of this one run: two prompts about one person cannot be joined by them, and what leads back
lives in the memory of the process that waits for the answer.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference import catalogue
from llmasos.inference.database import outside
from llmasos.inference.errors import ModelUnavailable
from llmasos.inference.models import CatalogueEntry, ModelTask
from llmasos.inference.types import GenerationRequest, Message, StreamEvent
from llmasos.privacy.deidentification.locating import NotLocatedError
from llmasos.privacy.deidentification.queries import current_rules
from llmasos.privacy.deidentification.services import deidentify_all
from llmasos.privacy.deidentification.surrogates import Scope
from llmasos.privacy.deidentification.transforming import Restorer


@dataclass(slots=True)
class Protected:
    """A request as it may be sent, and what leads its answer back."""

    request: GenerationRequest = field(repr=False)
    cleared: bool = False
    restorer: Restorer | None = field(default=None, repr=False)

    def shown(self, event: StreamEvent) -> list[StreamEvent]:
        """Return what the reader sees of an event: text with originals, held back while a surrogate may go on."""
        if self.restorer is None:
            return [event]
        if event.event == "token":
            text = self.restorer.feed(event.data["text"])
            return [replace(event, data={**event.data, "text": text})] if text else []
        if event.terminal and (rest := self.restorer.end()):
            return [StreamEvent(event.id, "token", {"text": rest}), event]
        return [event]


def protect(principal: Principal, request: GenerationRequest) -> Protected:
    """De-identify a request for a model that is not local, unless the organisation's policy lets it pass.

    Either way the log says so. Raises an InferenceError where the request could not be searched: it is not sent then.
    """
    entry = catalogue.resolve(request.model, task=ModelTask.GENERATE)
    if catalogue.is_local(entry):
        return Protected(request)
    rules = outside(current_rules, principal.organisation_id)
    if not rules.protects_outside:
        outside(_record, principal, entry, "deidentification.unprotected")
        return Protected(request, cleared=True)
    texts = [request.prompt] if request.prompt is not None else [one.content for one in request.messages or ()]
    scope = Scope(secrets.token_bytes(32))
    try:
        results = deidentify_all(principal, [text or "" for text in texts], rules=rules, scope=scope)
    except NotLocatedError as error:
        raise ModelUnavailable("a prompt to an outside model could not be de-identified") from error
    originals = results[-1].originals
    cleaned = [result.text for result in results]
    if request.prompt is not None:
        sent = replace(request, prompt=cleaned[0])
    else:
        turns = zip(request.messages or (), cleaned, strict=True)
        sent = replace(request, messages=tuple(Message(message.role, text) for message, text in turns))
    outside(_record, principal, entry, "deidentification.protect")
    return Protected(sent, cleared=True, restorer=Restorer(originals))


def _record(principal: Principal, entry: CatalogueEntry, action: str) -> None:
    with acting_in(principal.organisation_id):
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action=action,
            object=Ref("model", None),
            digests={"model": entry.digest} if entry.digest else None,
        )
