"""Reads of conversations: for the visitor who had them, and for the organisation's agents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from support_bot.models import Conversation, Message, Site, Visitor
from support_bot.visitors import visitor_principal

HISTORY = timedelta(days=30)
HISTORY_LIMIT = 100
SEARCHED = 300
"""Words are sealed, so a text search opens conversations one by one, the newest first, up to this many."""

OUTCOMES = ("unanswered", "disliked", "failed")


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as it is shown to the visitor or to an agent."""

    id: UUID
    role: str
    text: str
    state: str
    decision: str
    run_id: UUID | None
    created_at: datetime
    finished_at: datetime | None
    feedback: int
    quote: list[dict[str, Any]]
    sentences: list[dict[str, Any]]
    passages: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One line of the agents' list."""

    id: UUID
    site: str
    first_question: str
    questions: int
    unanswered: int
    disliked: int
    failed: int
    last_message_at: datetime


def history(visitor: Visitor) -> tuple[ShownMessage, ...]:
    """Return the visitor's own recent messages, oldest first. The read is recorded."""
    newest = (
        Message.objects.for_organisation(visitor.organisation_id)
        .filter(visitor=visitor, created_at__gte=timezone.now() - HISTORY)
        .select_related("feedback")
        .order_by("-created_at")[:HISTORY_LIMIT]
    )
    record(
        organisation_id=visitor.organisation_id,
        actor=visitor_principal(visitor).actor,
        action="support.conversation_read",
        subject=Ref("visitor", visitor.pk),
    )
    return tuple(_shown(message) for message in reversed(newest))


def read_conversation(
    principal: Principal, conversation_id: UUID
) -> tuple[Conversation, tuple[ShownMessage, ...]] | None:
    """Return one conversation with its messages, for an agent; None when there is none. The read is recorded."""
    conversation = (
        Conversation.objects.for_organisation(principal.organisation_id)
        .select_related("site")
        .filter(pk=conversation_id)
        .first()
    )
    if conversation is None:
        return None
    messages = (
        Message.objects.for_organisation(principal.organisation_id)
        .filter(conversation=conversation)
        .select_related("feedback")
        .order_by("created_at")
    )
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="support.conversation_read",
        subject=Ref("visitor", conversation.visitor_id),
        object=Ref("conversation", conversation.pk),
    )
    return conversation, tuple(_shown(message) for message in messages)


def conversations(organisation_id: UUID, *, site_id: UUID | None = None, outcome: str = "") -> QuerySet[Conversation]:
    """Return the organisation's conversations, newest first, with what a list row needs."""
    found = (
        Conversation.objects.for_organisation(organisation_id)
        .select_related("site")
        .prefetch_related(
            Prefetch("messages", Message.objects.select_related("feedback").order_by("created_at"), to_attr="turns")
        )
        .order_by("-last_message_at", "id")
    )
    if site_id is not None:
        found = found.filter(site_id=site_id)
    messages = Message.objects.for_organisation(organisation_id).filter(conversation=OuterRef("pk"))
    conditions = {
        "unanswered": messages.filter(decision=Message.Decision.ABSTAIN),
        "disliked": messages.filter(feedback__value=-1),
        "failed": messages.filter(state=Message.State.FAILED),
    }
    return found.filter(Exists(conditions[outcome])) if outcome in conditions else found


def search(principal: Principal, found: QuerySet[Conversation], words: str) -> list[Conversation]:
    """Return those of the newest ``SEARCHED`` in which somebody wrote ``words``, in any case; recorded as a search."""
    wanted = words.casefold()
    opened = list(found[:SEARCHED])
    matching = [
        conversation
        for conversation in opened
        if any(wanted in message.text.casefold() for message in turns_of(conversation))
    ]
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="support.conversations_searched",
        digests={"opened": len(opened), "results": len(matching)},
    )
    return matching


def rows(page: Iterable[Conversation]) -> list[ConversationRow]:
    """Summarise conversations loaded by ``conversations``."""
    return [_row(conversation) for conversation in page]


def record_list_read(principal: Principal, shown: Iterable[Conversation]) -> None:
    """Record which visitors' words a list has shown."""
    for conversation in shown:
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="support.conversation_listed",
            subject=Ref("visitor", conversation.visitor_id),
            object=Ref("conversation", conversation.pk),
        )


def unanswered(organisation_id: UUID) -> QuerySet[Message]:
    """Return the answers in which the assistant did not know, newest first, with their questions."""
    return (
        Message.objects.for_organisation(organisation_id)
        .filter(role=Message.Role.ASSISTANT, decision=Message.Decision.ABSTAIN)
        .select_related("reply_to", "conversation__site")
        .order_by("-created_at", "id")
    )


def sites(organisation_id: UUID) -> QuerySet[Site]:
    return Site.objects.for_organisation(organisation_id).prefetch_related("collections").order_by("name", "created_at")


def turns_of(conversation: Conversation) -> list[Message]:
    turns: list[Message] = conversation.turns  # type: ignore[attr-defined]
    return turns


def _row(conversation: Conversation) -> ConversationRow:
    turns = turns_of(conversation)
    questions = [message for message in turns if message.role == Message.Role.VISITOR]
    return ConversationRow(
        id=conversation.pk,
        site=conversation.site.name,
        first_question=questions[0].text if questions else "",
        questions=len(questions),
        unanswered=sum(message.decision == Message.Decision.ABSTAIN for message in turns),
        disliked=sum(_feedback(message) < 0 for message in turns),
        failed=sum(message.state == Message.State.FAILED for message in turns),
        last_message_at=conversation.last_message_at,
    )


def _shown(message: Message) -> ShownMessage:
    parts = message.parts
    return ShownMessage(
        id=message.pk,
        role=message.role,
        text=message.text,
        state=message.state,
        decision=message.decision,
        run_id=message.run_id,
        created_at=message.created_at,
        finished_at=message.finished_at,
        feedback=_feedback(message),
        quote=parts.get("quote", []),
        sentences=parts.get("sentences", []),
        passages=parts.get("passages", []),
    )


def _feedback(message: Message) -> int:
    return message.feedback.value if hasattr(message, "feedback") else 0
