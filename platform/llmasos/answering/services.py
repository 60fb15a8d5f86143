"""Writes of answering: starting an answer, storing fitted parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.answering.evidence import Parameters
from llmasos.answering.models import Calibration
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference import services as inference
from llmasos.inference.errors import InvalidRequest
from llmasos.inference.types import Message, Priority

KIND = "answer"
DEADLINE_SECONDS = 60.0
MOST_MESSAGES = 20
LONGEST_MESSAGE = 8000


def start_answer(
    principal: Principal,
    *,
    collection_ids: Sequence[UUID],
    messages: Sequence[Message],
    language: str = "",
    on_finished: str = "",
    reference: str = "",
    idempotency_key: str | None = None,
    generate: bool = True,
    explain: bool = False,
    priority: Priority = Priority.INTERACTIVE,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> UUID:
    """Start a run that answers the last message from the collections, and return its id.

    Its stream has "evidence", "quote" and "sentence" events and one terminal event. ``on_finished`` names a
    registered finisher, which is given ``reference``. ``language`` is the fallback for a message that shows none.
    Without ``generate`` nothing but quotations is shown; ``explain`` adds the signals and the ranking to "evidence".
    Raises InvalidRequest, and what the model service raises.
    """
    if not messages or messages[-1].role != "user" or not messages[-1].content.strip():
        raise InvalidRequest("the last message must be the user's question")
    kept = messages[-MOST_MESSAGES:]
    return inference.start_run(
        principal,
        KIND,
        {
            "collections": [str(one) for one in collection_ids],
            "messages": [{"role": one.role, "content": one.content[:LONGEST_MESSAGE]} for one in kept],
            "language": language,
            "on_finished": on_finished,
            "reference": reference,
            "generate": generate,
            "explain": explain,
            "priority": int(priority),
        },
        priority=priority,
        deadline_seconds=deadline_seconds,
        idempotency_key=idempotency_key,
    )


def store_calibration(
    principal: Principal, *, collection_id: UUID | None, parameters: Parameters, n: int
) -> Calibration:
    """Replace the fitted parameters of a collection, or of the organisation, in one audited transaction."""
    with acting_in(principal.organisation_id):
        fitted = Calibration.objects.for_organisation(principal.organisation_id)
        if collection_id is None:
            fitted.filter(collection=None).delete()
        else:
            fitted.filter(collection_id=collection_id).delete()
        stored = Calibration.objects.create(
            organisation_id=principal.organisation_id,
            collection_id=collection_id,
            parameters=parameters.as_dict(),
            n=n,
        )
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="answering.calibrated",
            object=Ref("calibration", stored.pk),
            digests={"parameters": parameters_digest(parameters), "n": n},
        )
    return stored


def parameters_digest(parameters: Parameters) -> str:
    """Return the SHA-256 of the parameters in a canonical form."""
    return hashlib.sha256(json.dumps(parameters.as_dict(), sort_keys=True).encode()).hexdigest()
