"""Writes of learning: a teacher's veto, and what a course gives its learners."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.learning.access import STAFF_ROLES, learner_in
from tutor.learning.asking import ask
from tutor.learning.errors import LearningError
from tutor.models import Advice, LearningSettings
from tutor.permissions import TEACHER, course_for


def veto(principal: Principal, course_id: UUID, learner_id: UUID, advice_id: UUID, *, reason: str) -> None:
    """Take a piece of advice away from its learner, for a reason; it does not come back when advice is computed anew.

    Raises:
        Course.DoesNotExist, Learner.DoesNotExist, Advice.DoesNotExist, PermissionDenied.
        LearningError: no reason is given.
    """
    if not reason.strip():
        raise LearningError(_("Give a reason: the learner's other teachers read it."))
    with acting_in(principal.organisation_id):
        advice = _advice(principal, course_id, learner_id, advice_id)
        advice.vetoed_at, advice.vetoed_by_id = timezone.now(), principal.id if principal.kind == "person" else None
        advice.veto_reason = reason.strip()
        advice.save(update_fields=["vetoed_at", "vetoed_by", "veto_reason"])
        _record_veto(principal, advice, vetoed=True)


def take_back_veto(principal: Principal, course_id: UUID, learner_id: UUID, advice_id: UUID) -> None:
    """Let the learner have the advice again, as far as its grounds still hold. Raises as ``veto``."""
    with acting_in(principal.organisation_id):
        advice = _advice(principal, course_id, learner_id, advice_id)
        advice.vetoed_at, advice.vetoed_by, advice.veto_reason = None, None, ""
        advice.save(update_fields=["vetoed_at", "vetoed_by", "veto_reason"])
        _record_veto(principal, advice, vetoed=False)


def change_settings(principal: Principal, course_id: UUID, values: Mapping[str, bool]) -> LearningSettings:
    """Switch what the course gives its learners. Raises ``Course.DoesNotExist``, PermissionDenied: teachers only."""
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        changed, _is_new = LearningSettings.objects.for_organisation(principal.organisation_id).update_or_create(
            course=course,
            defaults=values,
            create_defaults={"organisation_id": principal.organisation_id, **values},
        )
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.learning_settings_changed",
            object=Ref("course", course.pk),
            digests=dict(values),
        )
        return changed


def _advice(principal: Principal, course_id: UUID, learner_id: UUID, advice_id: UUID) -> Advice:
    course, learner = learner_in(principal, course_id, learner_id, *STAFF_ROLES)
    held = Advice.objects.for_organisation(principal.organisation_id).select_for_update()
    return held.get(pk=advice_id, course=course, learner=learner)


def _record_veto(principal: Principal, advice: Advice, *, vetoed: bool) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.advice_vetoed",
        subject=Ref("learner", advice.learner_id),
        object=Ref("advice", advice.pk),
        digests={"vetoed": vetoed, "mark": str(advice.mark_id) if advice.mark_id else ""},
    )
    # The next best takes the place of what is gone.
    ask(principal.organisation_id, advice.course_id, [advice.learner_id])
