"""What the support assistant holds of a visitor, for export, erasure and retention."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.audit.types import Ref
from llmasos.privacy.registry import (
    RetentionClass,
    Store,
    SubjectKind,
    register_retention_class,
    register_store,
    register_subject_kind,
)
from llmasos.privacy.subjects import id_of
from llmasos.vault.services import destroy_key
from support_bot.models import Conversation, Message, Visitor
from support_bot.widget import limits

KIND = "visitor"


def register() -> None:
    """Make visitors, their conversations and the period for them known; called once, in ``AppConfig.ready``."""
    register_subject_kind(SubjectKind(KIND, _("Visitor of a website"), exists=_exists))
    register_retention_class(
        RetentionClass(
            "conversations",
            _("Conversations with visitors"),
            365,
            _("A year, so that a returning visitor and a complaint find what was said."),
        )
    )
    register_store(
        Store(
            name="support.conversations",
            label=_("Visitors, their conversations and ratings"),
            purpose=_("To answer questions of visitors and to see where answers fail"),
            categories=(
                _("What was asked and answered"),
                _("Ratings"),
                _("Language"),
                pgettext_lazy("moments", "Times"),
            ),
            legal_basis=_("Legitimate interest (GDPR, article 6(1)(f))"),
            protection="encrypted",
            subject_kinds=(KIND,),
            retention_class="conversations",
            tables=(
                "support_bot_visitor",
                "support_bot_conversation",
                "support_bot_message",
                "support_bot_feedback",
            ),
            erase=_erase,
            export=_export,
            count=lambda organisation_id, subject: _visitors(organisation_id, subject).count(),
            expire=_expire,
            due=_due,
            forget=_forget,
            order=20,
        )
    )


def _exists(organisation_id: UUID, visitor_id: UUID) -> bool:
    return Visitor.objects.for_organisation(organisation_id).filter(pk=visitor_id).exists()


def _visitors(organisation_id: UUID, subject: Ref | None) -> QuerySet[Visitor]:
    rows = Visitor.objects.for_organisation(organisation_id)
    return rows if subject is None else rows.filter(pk=id_of(subject))


def _erase(organisation_id: UUID, subject: Ref) -> int:
    """Delete the visitor with everything said: the token is worth nothing from then on."""
    return _visitors(organisation_id, subject).delete()[0]


def _forget(organisation_id: UUID, subject: Ref) -> int:
    return limits.forget_visitor(subject.id) if subject.id else 0


def _old_visitors(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[Visitor]:
    """Visitors of whom nothing is younger: no conversation since, and who did not just arrive."""
    younger = Conversation.objects.for_organisation(organisation_id).filter(
        visitor=OuterRef("pk"), last_message_at__gte=before
    )
    rows = Visitor.objects.for_organisation(organisation_id).filter(~Exists(younger), created_at__lt=before)
    return rows.exclude(pk__in=[ref.id for ref in held if ref.kind == KIND])


def _old_conversations(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[Conversation]:
    rows = Conversation.objects.for_organisation(organisation_id).filter(last_message_at__lt=before)
    return rows.exclude(visitor_id__in=[ref.id for ref in held if ref.kind == KIND])


def _due(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> int:
    visitors = _old_visitors(organisation_id, before, held).count()
    return visitors + _old_conversations(organisation_id, before, held).count()


def _expire(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> int:
    """Remove old conversations; a visitor of whom none is left goes with the key, so that backups are empty too."""
    gone = list(_old_visitors(organisation_id, before, held).values_list("pk", flat=True))
    conversations = _old_conversations(organisation_id, before, held)
    removed = len(gone) + conversations.count()
    conversations.delete()
    for visitor_id in gone:
        destroy_key(organisation_id=organisation_id, subject_kind=KIND, subject_id=visitor_id)
    Visitor.objects.for_organisation(organisation_id).filter(pk__in=gone).delete()
    return removed


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    conversations = Conversation.objects.for_organisation(organisation_id).filter(visitor_id=id_of(subject))
    return [_exported(conversation) for conversation in conversations.order_by("started_at")]


def _exported(conversation: Conversation) -> dict[str, Any]:
    messages = (
        Message.objects.for_organisation(conversation.organisation_id)
        .filter(conversation=conversation)
        .select_related("feedback")
        .order_by("created_at")
    )
    return {
        "conversation": str(conversation.pk),
        "started_at": conversation.started_at.isoformat(),
        "language": conversation.language,
        "messages": [
            {
                "at": message.created_at.isoformat(),
                "role": message.role,
                "text": message.text,
                "decision": message.decision,
                "rating": message.feedback.value if hasattr(message, "feedback") else 0,
            }
            for message in messages
        ],
    }
