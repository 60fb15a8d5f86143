"""What the chat holds of a learner, for export, erasure and retention."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.audit.types import Ref
from llmasos.privacy.registry import RetentionClass, Store, register_retention_class, register_store
from llmasos.privacy.subjects import id_of
from tutor.models import ChatTurn
from tutor.personal_data import KIND


def register() -> None:
    """Make the store and the period for it known; called once, in ``AppConfig.ready``."""
    register_retention_class(
        RetentionClass(
            "tutor_chat",
            _("Conversations of learners with a course's chat"),
            180,
            _("Half a year, so that a learner finds again what they asked in a term."),
            minimum_days=7,
        )
    )
    register_store(
        Store(
            name="tutor.chat",
            label=_("Conversations of learners with a course's chat"),
            purpose=_("To answer learners from the course's material, and to guide them where work is open"),
            categories=(_("What was asked and answered"), pgettext_lazy("moments", "Times")),
            legal_basis=_("Public task (GDPR, article 6(1)(e))"),
            protection="encrypted",
            subject_kinds=(KIND,),
            retention_class="tutor_chat",
            tables=("tutor_chatturn",),
            erase=lambda organisation_id, subject: _turns(organisation_id, subject).delete()[0],
            export=_export,
            count=lambda organisation_id, subject: _turns(organisation_id, subject).count(),
            expire=lambda organisation_id, before, held: _old(organisation_id, before, held).delete()[0],
            due=lambda organisation_id, before, held: _old(organisation_id, before, held).count(),
            order=10,
        )
    )


def _turns(organisation_id: UUID, subject: Ref | None) -> QuerySet[ChatTurn]:
    rows = ChatTurn.objects.for_organisation(organisation_id)
    return rows if subject is None else rows.filter(learner_id=id_of(subject))


def _old(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[ChatTurn]:
    rows = ChatTurn.objects.for_organisation(organisation_id).filter(asked_at__lt=before)
    return rows.exclude(learner_id__in=[ref.id for ref in held if ref.kind == KIND])


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    rows = _turns(organisation_id, subject).select_related("course")
    return [{"course": one.course.name, **exported_turn(one)} for one in rows.order_by("asked_at")]


def exported_turn(turn: ChatTurn) -> dict[str, Any]:
    """Return a turn as it is exported."""
    return {
        "at": turn.asked_at.isoformat(),
        "asked": turn.text,
        "reply": turn.reply,
        "decision": turn.decision,
        "readable_by_staff": turn.readable_by_staff,
    }
