"""The gate before models that are not local: their prompts are de-identified, and the answer is led back.

Surrogates are those of this one run: two prompts about one person cannot be joined by them, and what leads back
lives in the memory of the process that waits for the answer. Where an answer is kept under an idempotency key it lies
in Valkey too, sealed, for as long as the answer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference import catalogue
from llmasos.inference.database import outside
from llmasos.inference.errors import ModelUnavailable, NotOffered
from llmasos.inference.models import CatalogueEntry, ModelTask
from llmasos.inference.types import GenerationRequest, Message, StreamEvent
from llmasos.privacy.deidentification.locating import NotLocatedError
from llmasos.privacy.deidentification.queries import current_rules
from llmasos.privacy.deidentification.services import deidentify_all
from llmasos.privacy.deidentification.surrogates import Scope
from llmasos.privacy.deidentification.transforming import Restorer

# Names and kinds in tools and schemas, which a program matches letter by letter.
_OF_THE_FORM = frozenset({"role", "id", "tool_call_id", "type", "name", "$ref", "format", "pattern", "required"})
# Under these a schema holds values, such as a person's "name".
_VALUES = frozenset({"default", "examples", "example", "const", "enum"})


@dataclass(slots=True)
class Protected:
    """A request as it may be sent, and what leads its answer back."""

    request: GenerationRequest = field(repr=False)
    cleared: bool = False
    restorer: Restorer | None = field(default=None, repr=False)
    originals: Mapping[str, str] = field(default_factory=dict, repr=False)
    calls: dict[int, Restorer] = field(default_factory=dict, repr=False)
    """One for the arguments of each tool call, which grow side by side."""

    @classmethod
    def leading_back(cls, request: GenerationRequest, originals: Mapping[str, str]) -> Protected:
        """Return what leads the answer of a run back that was protected before; nothing where it was not."""
        return cls(request, restorer=Restorer(originals) if originals else None, originals=originals)

    def shown(self, event: StreamEvent) -> list[StreamEvent]:
        """Return what the reader sees of an event: text with originals, held back while a surrogate may go on."""
        if self.restorer is None:
            return [event]
        if event.event == "token":
            text = self.restorer.feed(event.data["text"])
            return [replace(event, data={**event.data, "text": text})] if text else []
        if event.event == "tool_calls":
            return [replace(event, data={"tool_calls": [self._grown(call) for call in event.data["tool_calls"]]})]
        return [*self._rest(event), event] if event.terminal else [event]

    def _grown(self, call: Mapping[str, Any]) -> dict[str, Any]:
        function = dict(call.get("function") or {})
        if function.get("arguments"):
            index = int(call.get("index", 0))
            if index not in self.calls:
                # They go into a text of JSON, inside its quotes.
                escaped = {made: json.dumps(text, ensure_ascii=False)[1:-1] for made, text in self.originals.items()}
                self.calls[index] = Restorer(escaped)
            function["arguments"] = self.calls[index].feed(function["arguments"])
        return {**call, "function": function}

    def _rest(self, event: StreamEvent) -> Iterator[StreamEvent]:
        if self.restorer is not None and (rest := self.restorer.end()):
            yield StreamEvent(event.id, "token", {"text": rest})
        for index, restorer in self.calls.items():
            if rest := restorer.end():
                growing = {"index": index, "function": {"arguments": rest}}
                yield StreamEvent(event.id, "tool_calls", {"tool_calls": [growing]})


def protect(principal: Principal, request: GenerationRequest, *, secret: bytes = b"") -> Protected:
    """De-identify a request for a model that is not local, unless the organisation's policy lets it pass.

    Surrogates follow from ``secret``, or are those of this call alone. Either way the log says so. Raises an
    InferenceError where the request could not be searched: it is not sent then.
    """
    entry = catalogue.resolve(request.model, task=ModelTask.GENERATE)
    if catalogue.is_local(entry):
        return Protected(request)
    rules = outside(current_rules, principal.organisation_id)
    if not rules.protects_outside:
        outside(_record, principal, entry, "deidentification.unprotected")
        return Protected(request, cleared=True)
    if request.top_logprobs is not None:
        raise NotOffered("tokens of a de-identified prompt's answer are not shown", param="logprobs")
    said: Any = [
        request.prompt,
        [asdict(message) for message in request.messages or ()],
        request.tools,
        request.response_format,
        request.stop,
    ]
    scope = Scope(secret or secrets.token_bytes(32))
    try:
        results = deidentify_all(principal, list(_texts(said)) or [""], rules=rules, scope=scope)
    except NotLocatedError as error:
        raise ModelUnavailable("a prompt to an outside model could not be de-identified") from error
    originals = results[-1].originals
    prompt, messages, tools, response_format, stop = _exchanged(said, iter([result.text for result in results]))
    sent = replace(
        request,
        prompt=prompt,
        messages=None if request.messages is None else tuple(Message(**message) for message in messages),
        tools=tuple(tools),
        response_format=response_format,
        stop=tuple(stop),
    )
    outside(_record, principal, entry, "deidentification.protect")
    return Protected(sent, cleared=True, restorer=Restorer(originals), originals=originals)


def _texts(value: Any, name: str = "") -> Iterator[str]:
    """Every text in a request, in its order; not the words that its form is made of."""
    if isinstance(value, str):
        if name not in _OF_THE_FORM:
            yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, _inside(name, key))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, name)


def _exchanged(value: Any, texts: Iterator[str], name: str = "") -> Any:
    """The same with other texts."""
    if isinstance(value, str):
        return value if name in _OF_THE_FORM else next(texts)
    if isinstance(value, Mapping):
        return {key: _exchanged(inner, texts, _inside(name, key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_exchanged(inner, texts, name) for inner in value)
    return value


def _inside(name: str, key: str) -> str:
    """The name that what stands under a key goes by: within a schema's values, whose keys are anybody's, theirs."""
    return name if name in _VALUES else key


def _record(principal: Principal, entry: CatalogueEntry, action: str) -> None:
    with acting_in(principal.organisation_id):
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action=action,
            object=Ref("model", None),
            digests={"model": entry.digest} if entry.digest else None,
        )
