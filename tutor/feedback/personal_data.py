"""Names of learners in the feedback bank: kept there in spite of the warning, and taken out by an erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from llmasos.audit.types import Ref
from llmasos.privacy.registry import Store, register_store
from llmasos.privacy.subjects import id_of
from tutor.feedback.names import without_name
from tutor.models import Comment, Learner
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
            kept=_("The comments stay; words that are a part of the learner's name are taken out of them."),
            order=19,
        )
    )


def _erase(organisation_id: UUID, subject: Ref) -> int:
    """Take the learner's name out of the comments of their courses. The blind index knows it when its key is gone."""
    changed = 0
    for comment, text in _naming(organisation_id, subject):
        comment.text = text
        comment.save(update_fields=["text"])
        changed += 1
    return changed


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    return [{"comment": comment.text} for comment, _text in _naming(organisation_id, subject)]


def _naming(organisation_id: UUID, subject: Ref) -> list[tuple[Comment, str]]:
    """Return the comments that name the learner, each with its text without the name."""
    learner = Learner.objects.for_organisation(organisation_id).filter(pk=id_of(subject)).first()
    if learner is None:
        return []
    comments = Comment.objects.for_organisation(organisation_id).filter(course__enrolments__learner=learner)
    texts = [(one, without_name(learner, one.text)) for one in comments.distinct()]
    return [(one, text) for one, text in texts if text != one.text]
