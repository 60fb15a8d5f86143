"""Questions, answers and thumbs: each change once, with its log entry in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import models
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from llmasos.answering import services as answering
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference import services as inference
from llmasos.inference.models import LIVE_STATES, Run, RunState
from llmasos.inference.types import Message as Turn
from support_bot.errors import MessageNotFoundError, NotAnAnswerError
from support_bot.models import Conversation, Feedback, Message, Visitor
from support_bot.visitors import visitor_principal

FINISHER = "support_bot.answer"
TEXT_LIMIT = 2_000
"""The longest question, in characters."""
SAME_CONVERSATION = timedelta(hours=24)
"""A question after a longer silence begins a new conversation, without the old one as context."""
CONTEXT_TURNS = 8


@dataclass(frozen=True, slots=True)
class Posted:
    """A stored question and the row of its answer."""

    question: Message
    answer: Message
    created: bool


def find_posted(visitor: Visitor, client_id: UUID) -> Posted | None:
    """Return what an earlier delivery of the same message has stored."""
    question = (
        Message.objects.for_organisation(visitor.organisation_id)
        .filter(visitor=visitor, client_id=client_id)
        .select_related("reply")
        .first()
    )
    return Posted(question, question.reply, created=False) if question else None


def store_message(visitor: Visitor, *, client_id: UUID, text: str, language: str) -> Posted:
    """Store a question once, together with the empty row of its answer.

    The visitor's row is locked, so that deliveries of one message that race see each other.
    """
    Visitor.objects.for_organisation(visitor.organisation_id).select_for_update().get(pk=visitor.pk)
    if known := find_posted(visitor, client_id):
        return known
    conversation = _conversation_for(visitor, language)
    shared = {
        "organisation_id": visitor.organisation_id,
        "conversation": conversation,
        "visitor": visitor,
    }
    question = Message.objects.create(
        **shared, role=Message.Role.VISITOR, client_id=client_id, text=text, state=Message.State.STORED
    )
    answer = Message.objects.create(
        **shared, role=Message.Role.ASSISTANT, reply_to=question, state=Message.State.PENDING
    )
    Conversation.objects.for_organisation(visitor.organisation_id).filter(pk=conversation.pk).update(
        last_message_at=question.created_at, language=language
    )
    record(
        organisation_id=visitor.organisation_id,
        actor=visitor_principal(visitor).actor,
        action="support.message_stored",
        subject=Ref("visitor", visitor.pk),
        object=Ref("message", question.pk),
    )
    return Posted(question, answer, created=True)


def start_answer(answer: Message) -> UUID:
    """Start the run that answers, unless it was started already, and return its id.

    Raises:
        InferenceError: the model service does not take the run now; calling again later is safe.
    """
    locked = (
        Message.objects.for_organisation(answer.organisation_id)
        .select_for_update(of=("self",))
        .select_related("conversation__site", "visitor", "reply_to")
        .get(pk=answer.pk)
    )
    if locked.run_id is not None:
        return locked.run_id
    run_id = answering.start_answer(
        visitor_principal(locked.visitor),
        collection_ids=locked.conversation.site.collection_ids(),
        messages=_turns(locked),
        language=locked.conversation.language,
        on_finished=FINISHER,
        reference=str(locked.pk),
        idempotency_key=f"support:{locked.pk}:{locked.attempt}",
    )
    locked.run_id = run_id
    locked.save(update_fields=["run_id"])
    return run_id


def prepare_retry(visitor: Visitor, answer_id: UUID) -> Message:
    """Make a failed or stopped answer ready for another run.

    Raises:
        MessageNotFoundError: the visitor has no such message.
        NotAnAnswerError: it is not an answer, or it is complete, or its run is still alive.
    """
    settle_answers(visitor.organisation_id, visitor=visitor)
    answer = (
        Message.objects.for_organisation(visitor.organisation_id)
        .select_for_update()
        .filter(visitor=visitor, pk=answer_id)
        .first()
    )
    if answer is None:
        raise MessageNotFoundError
    if answer.role != Message.Role.ASSISTANT or answer.state == Message.State.COMPLETE:
        raise NotAnAnswerError
    if answer.run_id is None:
        return answer
    if answer.state == Message.State.PENDING:
        raise NotAnAnswerError
    answer.attempt += 1
    answer.run_id = None
    answer.state = Message.State.PENDING
    answer.text = ""
    answer.parts = {}
    answer.finished_at = None
    answer.save(update_fields=["attempt", "run_id", "state", "text", "citations", "finished_at"])
    record(
        organisation_id=visitor.organisation_id,
        actor=visitor_principal(visitor).actor,
        action="support.answer_retried",
        subject=Ref("visitor", visitor.pk),
        object=Ref("message", answer.pk),
    )
    return answer


def cancel_answer(visitor: Visitor, run_id: UUID) -> None:
    """Ask the model service to stop; the stream then ends with a terminal event of its own.

    Call it outside a transaction: the worker must find the request when it is told of it.

    Raises:
        MessageNotFoundError: the run answers no question of this visitor.
    """
    with acting_in(visitor.organisation_id):
        if not owns_run(visitor, run_id):
            raise MessageNotFoundError
    inference.cancel(visitor_principal(visitor), run_id)


def settle_answers(organisation_id: UUID, *, visitor: Visitor | None = None) -> int:
    """Close pending answers whose runs ended without storing one, and return how many.

    A run that was stopped, or lost with its worker, never reaches the code that stores its answer.
    """
    pending = Message.objects.for_organisation(organisation_id).filter(state=Message.State.PENDING)
    if visitor is not None:
        pending = pending.filter(visitor=visitor)
    runs = Run.objects.for_organisation(organisation_id).filter(pk=models.OuterRef("run_id"))
    closed = 0
    for state, ended in (
        (Message.State.CANCELLED, runs.filter(state=RunState.CANCELLED)),
        (Message.State.FAILED, runs.exclude(state__in=(*LIVE_STATES, RunState.CANCELLED))),
    ):
        closed += pending.filter(models.Exists(ended)).update(state=state, finished_at=timezone.now())
    return closed


def owns_run(visitor: Visitor, run_id: UUID) -> bool:
    return Message.objects.for_organisation(visitor.organisation_id).filter(visitor=visitor, run_id=run_id).exists()


def rate_answer(visitor: Visitor, message_id: UUID, value: int) -> None:
    """Store the visitor's thumb on a complete answer: 1 up, -1 down, 0 takes it back.

    Raises:
        MessageNotFoundError: the visitor has no such message.
        NotAnAnswerError: it is not a complete answer.
    """
    message = Message.objects.for_organisation(visitor.organisation_id).filter(visitor=visitor, pk=message_id).first()
    if message is None:
        raise MessageNotFoundError
    if message.role == Message.Role.VISITOR or message.state != Message.State.COMPLETE:
        raise NotAnAnswerError
    given = Feedback.objects.for_organisation(visitor.organisation_id)
    if value == 0:
        given.filter(message=message).delete()
    else:
        given.update_or_create(
            message=message,
            defaults={"value": value, "updated_at": timezone.now()},
            create_defaults={"value": value, "organisation_id": visitor.organisation_id},
        )
    record(
        organisation_id=visitor.organisation_id,
        actor=visitor_principal(visitor).actor,
        action="support.answer_rated",
        subject=Ref("visitor", visitor.pk),
        object=Ref("message", message.pk),
        digests={"value": value},
    )


def _conversation_for(visitor: Visitor, language: str) -> Conversation:
    latest = (
        Conversation.objects.for_organisation(visitor.organisation_id)
        .filter(visitor=visitor, last_message_at__gte=timezone.now() - SAME_CONVERSATION)
        .order_by("-last_message_at")
        .first()
    )
    return latest or Conversation.objects.create(
        organisation_id=visitor.organisation_id, site_id=visitor.site_id, visitor=visitor, language=language
    )


def _turns(answer: Message) -> tuple[Turn, ...]:
    """Return the conversation up to the question that ``answer`` belongs to, oldest first."""
    question = answer.reply_to
    assert question is not None  # noqa: S101 - a database constraint
    earlier = (
        Message.objects.for_organisation(answer.organisation_id)
        .filter(conversation=answer.conversation, created_at__lt=question.created_at)
        .filter(
            models.Q(role=Message.Role.VISITOR) | models.Q(role=Message.Role.ASSISTANT, state=Message.State.COMPLETE)
        )
        .order_by("-created_at")[:CONTEXT_TURNS]
    )
    roles = {Message.Role.VISITOR: "user"}
    return tuple(
        Turn(role=roles.get(Message.Role(message.role), "assistant"), content=message.text)
        for message in (*reversed(earlier), question)
        if message.text
    )
