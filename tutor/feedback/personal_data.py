"""Names of learners in the feedback bank: kept there in spite of the warning, and taken out by an erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from llmasos.audit.types import Ref
from llmasos.privacy.registry import Store, register_store
from tutor.feedback.names import without
from tutor.models import Comment
from tutor.personal_data import KIND


def register() -> None:
    """Make the store known; called once, in ``AppConfig.ready``."""
    register_store(
        Store(
            name="tutor.comments",
            label=_("Comments of the feedback bank"),
            purpose=_("To say again what was said well"),
            categories=(_("Names, where one was kept in spite of the warning"),),
            legal_basis=_("Public task (GDPR, article 6(1)(e))"),
            protection="row security",
            subject_kinds=(KIND,),
            tables=("tutor_comment",),
            erase=_erase,
            export=_export,
            count=_count,
            kept=_("The comments stay; words that are a part of the learner's name are taken out of them."),
            order=19,
        )
    )


def _erase(organisation_id: UUID, subject: Ref) -> int:
    changed = 0
    for comment in _naming(organisation_id, subject):
        comment.text = without(comment.text, comment.names.pop(str(subject.id)))
        comment.save(update_fields=["text", "names"])
        changed += 1
    return changed


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    return [{"comment": comment.text} for comment in _naming(organisation_id, subject)]


def _naming(organisation_id: UUID, subject: Ref) -> QuerySet[Comment]:
    return Comment.objects.for_organisation(organisation_id).filter(names__has_key=str(subject.id))


def _count(organisation_id: UUID, subject: Ref | None) -> int:
    if subject is not None:
        return _naming(organisation_id, subject).count()
    return Comment.objects.for_organisation(organisation_id).exclude(names={}).count()
