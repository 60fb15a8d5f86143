"""The open work of a course, as the guard knows it."""

from __future__ import annotations

from tutor.chat.guard import OpenQuestion
from tutor.models import Assignment, Course, Question


def open_questions(course: Course) -> list[OpenQuestion]:
    """Return the questions of published work that is not closed, with what right answers to them say."""
    questions = (
        Question.objects.for_organisation(course.organisation_id)
        .filter(assignment__course=course, assignment__state=Assignment.State.PUBLISHED)
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
