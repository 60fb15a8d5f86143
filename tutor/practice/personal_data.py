"""What practice holds of a learner, for export, erasure and retention."""

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
from tutor.models import PracticeTry
from tutor.personal_data import KIND


def register() -> None:
    """Make the store and the period for it known; called once, in ``AppConfig.ready``."""
    register_retention_class(
        RetentionClass(
            "practice",
            _("Practice of learners"),
            365,
            _("A school year: what was practised longer ago says little about what somebody can do now."),
            minimum_days=30,
        )
    )
    register_store(
        Store(
            name="tutor.practice",
            label=_("Answers of learners to exercises"),
            purpose=_("To check practice, schedule it and estimate skills; never for marks"),
            categories=(
                _("Answers to exercises"),
                _("Checks and own judgements"),
                _("Hints taken"),
                pgettext_lazy("moments", "Times"),
            ),
            legal_basis=_("Public task (GDPR, article 6(1)(e))"),
            protection="encrypted",
            subject_kinds=(KIND,),
            retention_class="practice",
            tables=("tutor_practicetry",),
            erase=lambda organisation_id, subject: _tries(organisation_id, subject).delete()[0],
            export=_export,
            count=lambda organisation_id, subject: _tries(organisation_id, subject).count(),
            expire=lambda organisation_id, before, held: _old(organisation_id, before, held).delete()[0],
            due=lambda organisation_id, before, held: _old(organisation_id, before, held).count(),
            order=10,
        )
    )


def _tries(organisation_id: UUID, subject: Ref | None) -> QuerySet[PracticeTry]:
    rows = PracticeTry.objects.for_organisation(organisation_id)
    return rows if subject is None else rows.filter(learner_id=id_of(subject))


def _old(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[PracticeTry]:
    rows = PracticeTry.objects.for_organisation(organisation_id).filter(started_at__lt=before)
    return rows.exclude(learner_id__in=[ref.id for ref in held if ref.kind == KIND])


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    rows = _tries(organisation_id, subject).select_related("exercise__course", "exercise__skill")
    return [exported_try(one) for one in rows.order_by("started_at")]


def exported_try(one: PracticeTry) -> dict[str, Any]:
    """Return a try as it is exported; ``share`` from 0 to 1."""
    exercise = one.exercise
    texts = {str(option["id"]): str(option["text"]) for option in exercise.options}
    return {
        "course": exercise.course.name,
        "skill": exercise.skill.name,
        "exercise": exercise.prompt,
        "answer": one.text,
        "chosen": [texts.get(key, key) for key in one.choices],
        "hints_taken": one.hints,
        "answered_at": one.answered_at.isoformat() if one.answered_at else None,
        "check": one.verdict,
        "share": one.share,
        "judged_by": "learner" if one.judged_by_learner else "machine" if one.verdict else "",
    }
