"""Setting the dial: a teacher's choice for one question, with its log entry."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.dial.border import CONFIRM_FROM
from tutor.dial.queries import state_of
from tutor.marking.access import DECIDERS, question_for, require_person
from tutor.marking.errors import DialChangedError
from tutor.marking.shown import applied_run
from tutor.models import Question, ReviewDial


def set_dial(principal: Principal, question_id: UUID, *, step: int, digest: str) -> ReviewDial:
    """Set the border between review and confirmation to a step of the dial as it was shown.

    Raises:
        NotFoundError, PermissionDenied: no teacher of the course.
        DialChangedError: there is no such step, or the steps are not those of ``digest``.
    """
    person_id = require_person(principal)
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *DECIDERS)
        state = state_of(question)
        run = applied_run(question)
        if run is None or digest != state.digest or not 0 <= step < len(state.steps):
            raise DialChangedError
        chosen = state.steps[step]
        dial, _made = ReviewDial.objects.for_organisation(principal.organisation_id).update_or_create(
            organisation_id=principal.organisation_id,
            question=question,
            defaults={
                "rubric_id": run.rubric_id,
                "model_digest": run.model_digest,
                "border": chosen.border,
                "allowed": chosen.allowed,
                "marks": state.marks,
                "chosen_by_id": person_id,
                "chosen_at": timezone.now(),
            },
        )
        _record(principal, question, before=state.border, after=chosen.border, marks=state.marks)
        return dial


def reset_dial(principal: Principal, question_id: UUID) -> None:
    """Go back to the border that holds until a teacher chooses. Raises NotFoundError or PermissionDenied."""
    require_person(principal)
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *DECIDERS)
        state = state_of(question)
        ReviewDial.objects.for_organisation(principal.organisation_id).filter(question=question).delete()
        if state.border != CONFIRM_FROM:
            _record(principal, question, before=state.border, after=CONFIRM_FROM, marks=state.marks)


def _record(principal: Principal, question: Question, *, before: float, after: float, marks: int) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.dial_set",
        object=Ref("question", question.pk),
        digests={"before": round(before * 10_000), "after": round(after * 10_000), "marks": marks},
    )
