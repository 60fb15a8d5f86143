"""Taking learners out of courses whose roster names them no longer."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.models import Enrolment
from tutor.rosters.outcome import Outcome


def withdraw_from(principal: Principal, enrolments: QuerySet[Enrolment], outcome: Outcome) -> None:
    """Take the learners of these enrolments out of their courses. Their work stays."""
    for one in enrolments.select_for_update(of=("self",)):
        one.withdrawn_at = timezone.now()
        one.save(update_fields=["withdrawn_at"])
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.withdrawn",
            subject=Ref("learner", one.learner_id),
            object=Ref("course", one.course_id),
        )
        outcome.counts["withdrawn"] += 1
