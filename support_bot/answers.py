"""Storing what a run answered, in the transaction that ends the run."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.answering.types import Answer, FinishedRun
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from support_bot.models import Message

_STATES = {
    "done": Message.State.COMPLETE,
    "abstained": Message.State.COMPLETE,
    "handed_over": Message.State.COMPLETE,
    "cancelled": Message.State.CANCELLED,
    "failed": Message.State.FAILED,
}


def store_answer(run: FinishedRun, answer: Answer) -> None:
    """Fill the answer's row, unless another run has taken it over meanwhile."""
    message = (
        Message.objects.for_organisation(run.organisation_id)
        .select_for_update()
        .filter(pk=UUID(run.reference), run_id=run.id, state=Message.State.PENDING)
        .first()
    )
    if message is None:
        return
    message.text = answer.text
    message.parts = {
        "quote": [
            {"text": sentence.text, "n": sentence.citations[0] if sentence.citations else 0}
            for sentence in answer.sentences
            if sentence.quoted
        ],
        "sentences": [
            {"text": sentence.text, "citations": list(sentence.citations)}
            for sentence in answer.sentences
            if not sentence.quoted
        ],
        "passages": answer.citations,
    }
    message.decision = answer.decision
    message.state = _STATES[answer.event]
    message.finished_at = timezone.now()
    message.save(update_fields=["text", "citations", "decision", "state", "finished_at"])
    record(
        organisation_id=run.organisation_id,
        actor=Principal(organisation_id=run.organisation_id, kind="system").actor,
        action="support.answer_stored",
        subject=Ref("visitor", message.visitor_id),
        object=Ref("message", message.pk),
        digests={"run": str(run.id), "decision": answer.decision},
    )
