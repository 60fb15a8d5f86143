"""What learning holds of a learner, for export, erasure and retention."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from llmasos.audit.types import Ref
from llmasos.privacy.registry import Store, register_store
from llmasos.privacy.subjects import id_of
from tutor.models import Advice, LearnerProgress, SkillMastery
from tutor.personal_data import KIND

HELD = (Advice, SkillMastery, LearnerProgress)


def register() -> None:
    """Make the store known; called once, in ``AppConfig.ready``. It goes with the learner, at the latest."""
    register_store(
        Store(
            name="tutor.learning",
            label=_("Mastery, review dates and advice of learners"),
            purpose=_("To tell learners what to do next, and their teachers what they are told"),
            categories=(_("Estimates of skills"), _("Advice with its grounds"), _("Vetoes with their reasons")),
            legal_basis=_("Public task (GDPR, article 6(1)(e))"),
            protection="encrypted",
            subject_kinds=(KIND,),
            tables=("tutor_learnerprogress", "tutor_skillmastery", "tutor_advice"),
            erase=_erase,
            export=_export,
            count=_count,
            order=10,
        )
    )


def _erase(organisation_id: UUID, subject: Ref) -> int:
    return sum(
        model.objects.for_organisation(organisation_id).filter(learner_id=id_of(subject)).delete()[0] for model in HELD
    )


def _count(organisation_id: UUID, subject: Ref | None) -> int:
    rows = SkillMastery.objects.for_organisation(organisation_id)
    return (rows if subject is None else rows.filter(learner_id=id_of(subject))).count()


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    mastery = SkillMastery.objects.for_organisation(organisation_id).filter(learner_id=id_of(subject))
    advice = Advice.objects.for_organisation(organisation_id).filter(learner_id=id_of(subject))
    return [
        *(exported_mastery(one) for one in mastery.select_related("skill__course").order_by("skill__name")),
        *(_exported_advice(one) for one in advice.select_related("skill", "course").order_by("made_at")),
    ]


def exported_mastery(mastery: SkillMastery) -> dict[str, Any]:
    """Return an estimate as it is exported; chances from 0 to 1."""
    return {
        "course": mastery.skill.course.name,
        "skill": mastery.skill.name,
        "answers": mastery.responses,
        "chance_of_a_right_answer": round(mastery.probability, 3),
        "band_90_percent": [round(mastery.low, 3), round(mastery.high, 3)],
        "basis": mastery.basis,
        "last_answer_at": _moment(mastery.last_at),
        "look_again_at": _moment(mastery.due_at),
    }


def _exported_advice(advice: Advice) -> dict[str, Any]:
    return {
        "course": advice.course.name,
        "advice": advice.kind,
        "skill": advice.skill.name if advice.skill is not None else "",
        "mark": str(advice.mark_id) if advice.mark_id else None,
        "criterion": advice.criterion,
        "vetoed_at": _moment(advice.vetoed_at),
        "veto_reason": advice.veto_reason,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
