"""The open work of a learner, as the guard knows it: a chat of one course does not do the work of another."""

from __future__ import annotations

from tutor.chat.guard import OpenQuestion
from tutor.models import Assignment, Enrolment, Learner, Question


def open_questions(learner: Learner) -> list[OpenQuestion]:
    """Return the questions of published work in all courses of a learner, with what right answers to them say."""
    places = Enrolment.objects.for_organisation(learner.organisation_id).filter(
        learner=learner, withdrawn_at=None, course__archived_at=None
    )
    questions = (
        Question.objects.for_organisation(learner.organisation_id)
        .filter(assignment__course__in=places.values("course"), assignment__state=Assignment.State.PUBLISHED)
        .select_related("assignment", "rubric")
        .order_by("assignment__created_at", "position")
    )
    return [OpenQuestion(one.pk, one.prompt, tuple(_references(one)), one.assignment.title) for one in questions]


def _references(question: Question) -> list[str]:
    rubric = question.rubric
    found = list(rubric.references) if rubric is not None else []
    right = [str(one.get("text", "")) for one in question.options if one.get("correct")]
    if right:
        found.append(" ".join(right))
    if rubric is not None:
        found += [
            example
            for criterion in rubric.criteria
            for level in criterion["levels"][-1:]
            for example in level.get("examples", ())
        ]
    return found
